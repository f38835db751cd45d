/** How the commands find what is on RDS, from a stack's outputs. */
import type { PoolOutput, ServerOutput } from "../../../components/outputs/outputs";
import type { RdsTarget } from "../../../components/route/plan/targets";
import { placeOf, standBysOf, wayText } from "../../../cli/status/reach";

const PRIMARY = "sark-prod.c1a2b3c4d5e6.eu-central-1.rds.amazonaws.com";
const REPLICA = "sark-prod-replica-1.c1a2b3c4d5e6.eu-central-1.rds.amazonaws.com";
const gateway = { namespace: "sark-databases", labels: { app: "gateway" }, port: 5432 };

const relayOf = (route: RdsTarget["route"]): RdsTarget => ({
  route,
  server: PRIMARY,
  port: 5433,
  authority: { rds: ["eu-central-1"] },
});

function serverOf(route: RdsTarget["route"], more: Partial<ServerOutput> = {}): ServerOutput {
  return {
    home: "aws",
    engine: "postgresql",
    database: "sark",
    host: PRIMARY,
    port: 5433,
    sslMode: "verify-full",
    maxConnections: 100,
    budget: 60,
    replica: { host: REPLICA, port: 5433 },
    relay: relayOf(route),
    limits: [],
    migrations: [],
    ...more,
  };
}

describe("a replica on RDS", () => {
  it("is asked by its own address from inside of its network", () => {
    const relay = { ...relayOf({ kind: "direct" }), server: REPLICA, role: "replica" };
    expect(standBysOf(serverOf({ kind: "direct" }))).toEqual([
      { host: REPLICA, port: 5433, relay },
    ]);
  });

  it("is asked through the gateway's port for it", () => {
    const route = { kind: "port-forward", gateway: { ...gateway, replicaPort: 5433 } } as const;
    const relay = { ...relayOf(route), server: REPLICA, role: "replica" };
    expect(standBysOf(serverOf(route))).toEqual([{ host: REPLICA, port: 5433, relay }]);
  });

  it.each<[string, RdsTarget["route"], string]>([
    [
      "a gateway that leads to none",
      { kind: "port-forward", gateway },
      "the gateway leads to the primary alone",
    ],
    [
      "a tunnel",
      { kind: "tunnel", host: "127.0.0.1", port: 5555 },
      "the tunnel leads to the primary alone",
    ],
  ])("is out of reach behind %s", (_what, route, why) => {
    expect(standBysOf(serverOf(route))).toEqual([{ host: REPLICA, port: 5433, why }]);
  });
});

it("has no replica where that was promoted, and is the server that is written to", () => {
  const promoted = { host: REPLICA, replica: { host: REPLICA, port: 5433 } };
  expect(standBysOf(serverOf({ kind: "direct" }, promoted))).toEqual([]);
  const beside = { host: REPLICA, replica: { host: REPLICA, port: 5434 } };
  expect(standBysOf(serverOf({ kind: "direct" }, beside))).toHaveLength(1);
});

it("says how the primary is reached", () => {
  expect(wayText(relayOf({ kind: "direct" }))).toBe("");
  expect(wayText(relayOf({ kind: "port-forward", gateway }))).toBe(" through the Kubernetes API");
  expect(wayText(relayOf({ kind: "tunnel", host: "127.0.0.1", port: 5555 }))).toBe(
    " through the tunnel 127.0.0.1:5555",
  );
});

it("knows that a tunnel to RDS does not lead to the pool", () => {
  const pool: PoolOutput = {
    host: "pgbouncer.sark-databases.svc",
    port: 6432,
    running: true,
    entries: {},
    relay: {
      route: { kind: "port-forward" },
      namespace: "sark-databases",
      labels: {},
      port: 6432,
      server: "pgbouncer.sark-databases.svc",
      authority: "pgbouncer-tls",
    },
  };
  const stack = (route: RdsTarget["route"]) => ({
    servers: { sark: serverOf(route) },
    pool,
    logins: {},
  });
  expect(placeOf(pool, stack({ kind: "port-forward", gateway }))).toEqual(pool);
  const tunnel = { kind: "tunnel", host: "127.0.0.1", port: 5555 } as const;
  expect(placeOf(pool, stack(tunnel))).toMatchObject({
    why: "the tunnels lead to the databases alone",
  });
});
