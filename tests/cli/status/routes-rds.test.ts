/** Addresses of servers on RDS and of the pool, from a stack's outputs. */
import type { PoolOutput, ServerOutput } from "../../../components/outputs/outputs";
import type { RdsTarget } from "../../../components/route/plan/targets";
import { poolAddress, standByAddresses, routeText } from "../../../cli/status/routes";

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
  it("is reached by its own address from inside its network", () => {
    const relay = { ...relayOf({ kind: "direct" }), server: REPLICA, role: "replica" };
    expect(standByAddresses(serverOf({ kind: "direct" }))).toEqual([
      { host: REPLICA, port: 5433, relay },
    ]);
  });

  it("is reached through its own port at the gateway", () => {
    const route = { kind: "port-forward", gateway: { ...gateway, replicaPort: 5433 } } as const;
    const relay = { ...relayOf(route), server: REPLICA, role: "replica" };
    expect(standByAddresses(serverOf(route))).toEqual([{ host: REPLICA, port: 5433, relay }]);
  });

  it.each<[string, RdsTarget["route"], string]>([
    [
      "a gateway without a replica port",
      { kind: "port-forward", gateway },
      "the gateway only reaches the primary",
    ],
    [
      "a tunnel",
      { kind: "tunnel", host: "127.0.0.1", port: 5555 },
      "the tunnel only reaches the primary",
    ],
  ])("cannot be reached behind %s", (_what, route, why) => {
    expect(standByAddresses(serverOf(route))).toEqual([{ host: REPLICA, port: 5433, why }]);
  });
});

it("a promoted replica is not listed as a stand-by", () => {
  const promoted = { host: REPLICA, replica: { host: REPLICA, port: 5433 } };
  expect(standByAddresses(serverOf({ kind: "direct" }, promoted))).toEqual([]);
  const beside = { host: REPLICA, replica: { host: REPLICA, port: 5434 } };
  expect(standByAddresses(serverOf({ kind: "direct" }, beside))).toHaveLength(1);
});

it("the route to the primary is described", () => {
  expect(routeText(relayOf({ kind: "direct" }))).toBe("");
  expect(routeText(relayOf({ kind: "port-forward", gateway }))).toBe(" through the Kubernetes API");
  expect(routeText(relayOf({ kind: "tunnel", host: "127.0.0.1", port: 5555 }))).toBe(
    " through the tunnel 127.0.0.1:5555",
  );
});

it("a tunnel to RDS does not reach the pool", () => {
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
  expect(poolAddress(pool, stack({ kind: "port-forward", gateway }))).toEqual(pool);
  const tunnel = { kind: "tunnel", host: "127.0.0.1", port: 5555 } as const;
  expect(poolAddress(pool, stack(tunnel))).toMatchObject({
    why: "the tunnels only reach the databases",
  });
});
