import type { Route } from "../../../components/route/plan/targets";
import { renderPgbouncerIni } from "../../../components/pool/plan/pgbouncer-ini";
import { waitUntil } from "../../../components/homes/local/processes/process";
import { lossesOf } from "../../../cli/report/losses";
import { runStatus } from "../../../cli/status/status";
import { type Answer, failure, list } from "../../components/route/support/fake-kubernetes";
import {
  AUTHORITY_PATH,
  POD,
  PODS_PATH,
  RoutedPostgres,
  SERVER,
  primary,
  secretOf,
} from "../../components/route/support/routed-postgres";
import {
  CONSOLE,
  describeWithPgbouncer,
  pgbouncerProgram,
  placeSettings,
  startPgbouncer,
} from "../../support/started-pgbouncer";
import { FakeEngine, fakeTerminal, planOf, scratchFolder } from "../support/fakes";
import { POOL, type Parts, STAND_BYS, relayedOutputs } from "../support/relayed";

jest.mock("../../../components/route/client-library", () =>
  jest.requireActual<object>("../../components/route/support/bundled-client-library"),
);
jest.setTimeout(60_000);

const STAND_BY_POD = "sark-2";
const POOL_POD = "pgbouncer-1";
const POOL_AUTHORITY_PATH = AUTHORITY_PATH.replace("sark-ca", "pgbouncer-tls");
const FORBIDDEN = failure(403, `User "me" cannot do that`);

let routed: RoutedPostgres;

beforeAll(async () => {
  routed = await RoutedPostgres.start();
  await routed.show(routed.authority.issue([`DNS:${SERVER}`, `DNS:${STAND_BYS}`]));
  await routed.administer((client) =>
    client.query(`
      create schema sark_migrations;
      create table sark_migrations.applied (name text primary key);
      insert into sark_migrations.applied values ('000001_users.sql');`),
  );
  process.env["KUBECONFIG"] = routed.kubernetes.kubeconfig;
});

beforeEach(() => {
  routed.healthy();
  routed.kubernetes
    .on(PODS_PATH, podsAskedFor)
    .forward(STAND_BY_POD, routed.postgres)
    .forward(POOL_POD, "connection refused");
});

afterAll(async () => {
  delete process.env["KUBECONFIG"];
  await routed.stop();
});

/** The pods that have the labels of the last request. */
function podsAskedFor(): Answer {
  const asked = routed.kubernetes.requests.at(-1) ?? "";
  if (asked.includes("pgbouncer")) return list([primary(POOL_POD)]);
  return list([primary(asked.includes("instanceRole=replica") ? STAND_BY_POD : POD)]);
}

async function status(parts?: Parts) {
  const run = async (json: boolean) => {
    const { terminal, out } = fakeTerminal({ json });
    const engine = new FakeEngine(planOf(), { outputs: relayedOutputs(routed.postgres, parts) });
    const code = await runStatus(engine, { root: scratchFolder(), stack: "dev" }, terminal);
    // Columns are as wide as their longest cell.
    return { code, text: out().replace(/ {2,}/g, "  ") };
  };
  const [{ code, text: json }, { text }] = [await run(true), await run(false)];
  return { code, text, document: JSON.parse(json) as object };
}

function tunnel(): Route {
  const { host, port } = routed.postgres;
  return { kind: "tunnel", host, port };
}

describe("status of a server on Kubernetes", () => {
  it("probes it through the Kubernetes API, and shows its own address", async () => {
    const { code, text, document } = await status();
    expect(document).toMatchObject({
      servers: [{ name: "main", up: true, host: SERVER, port: 5432, role: "primary", pending: [] }],
      problems: [],
    });
    expect(text).toContain(`main  up  ${SERVER}:5432 through the Kubernetes API  PostgreSQL 18`);
    expect(text).toContain("All healthy.\n");
    expect(text).not.toContain(routed.postgres.password);
    expect(code).toBe(0);
  });

  it("leaves no session open", async () => {
    await status();
    expect(routed.kubernetes.requests.join("\n")).toContain("/portforward");
    const ended = await waitUntil(() => routed.kubernetes.forwarded.size === 0, 3000);
    expect(ended).toBe(true);
  });

  it("probes a stand-by selected by its role", async () => {
    const { document } = await status({ standBys: true });
    expect(routed.kubernetes.requests.join("\n")).toContain(`/pods/${STAND_BY_POD}/portforward`);
    // The primary answers here, which is reported as a problem.
    expect(document).toMatchObject({
      servers: [{ name: "main" }, { name: "main replica", up: true, host: STAND_BYS }],
      problems: ["main replica is a primary, but the stack defines it as the replica."],
    });
  });

  it("probes the primary through a tunnel, and reports replica and pool as not checked", async () => {
    const { host, port } = routed.postgres;
    const { code, text, document } = await status({
      route: tunnel(),
      standBys: true,
      pool: true,
    });
    expect(document).toMatchObject({
      servers: [
        { name: "main", up: true },
        { name: "main replica", up: null, why: "the tunnel only reaches the primary" },
      ],
      pool: { up: null, installed: true, why: "the tunnels only reach the databases" },
      problems: [],
    });
    const lines = text.split("\n");
    expect(lines).toContainEqual(
      expect.stringContaining(`main  up  ${SERVER}:5432 through the tunnel ${host}:${port}  `),
    );
    expect(lines).toContain(
      `main replica  not checked  ${STAND_BYS}:5432  the tunnel only reaches the primary`,
    );
    expect(lines).toContain(
      `pool  not checked  ${POOL}:6432  the tunnels only reach the databases`,
    );
    expect(text).toContain("Everything checked is healthy.\n");
    expect(code).toBe(0);
  });

  it("names the missing Kubernetes permission, and exits 1", async () => {
    routed.kubernetes.on(`${PODS_PATH}/${POD}/portforward`, FORBIDDEN);
    const { code, text, document } = await status();
    const reason = expect.stringMatching(
      /sark-rw\.databases\.svc cannot be reached: .*the permission get and create on pods\/portforward/,
    ) as string;
    expect(document).toMatchObject({ servers: [{ up: false, error: reason }], problems: [reason] });
    expect(text).toContain(`main  no answer  ${SERVER}:5432 through the Kubernetes API\n`);
    expect(code).toBe(1);
  });

  it("rejects a server with a certificate of another authority", async () => {
    routed.kubernetes.on(AUTHORITY_PATH, secretOf(routed.otherAuthority()));
    const { document } = await status();
    expect(document).toMatchObject({
      servers: [{ up: false, error: expect.stringContaining("could not be verified") as string }],
    });
  });
});

describe("destroy of a stack on Kubernetes", () => {
  it("shows the size of a database, or omits it if the server cannot be reached", async () => {
    const { lost } = await lossesOf(relayedOutputs(routed.postgres));
    expect(lost[0]).toMatch(
      /^the database postgres with its data \(sark-rw\.databases\.svc:5432, \d+\.\d MiB\)$/,
    );
    routed.kubernetes.on(AUTHORITY_PATH, FORBIDDEN);
    expect((await lossesOf(relayedOutputs(routed.postgres))).lost).toEqual([
      `the database postgres with its data (${SERVER}:5432)`,
    ]);
  });
});

describeWithPgbouncer("status of a pool on Kubernetes", () => {
  it("probes one of its instances, verified against the pool's own authority", async () => {
    const authority = routed.otherAuthority();
    const certificate = authority.issue([`DNS:${POOL}`]);
    const { host, port, user, password } = routed.postgres;
    const pgbouncer = await startPgbouncer(
      (place) =>
        renderPgbouncerIni({
          version: pgbouncerProgram?.version ?? "",
          settings: {
            ...placeSettings(place),
            admin_users: "",
            stats_users: CONSOLE.name,
            client_tls_sslmode: "require",
            client_tls_cert_file: certificate.cert,
            client_tls_key_file: certificate.key,
          },
          databases: { main: { host, port, dbname: "postgres", pool_size: 7 } },
        }).text,
      `"${CONSOLE.name}" "${CONSOLE.secret}"\n"${user}" "${password}"\n`,
    );
    try {
      routed.kubernetes
        .on(POOL_AUTHORITY_PATH, secretOf(authority))
        .forward(POOL_POD, { host, port: pgbouncer.place.port });
      const { code, text, document } = await status({ pool: true });
      expect(document).toMatchObject({
        pool: { up: true, scope: "instance", entries: { main: { poolSize: 7 } } },
        problems: [],
      });
      expect(text).toMatch(
        /^pool {2}up {2}.* through the Kubernetes API +PgBouncer .* {2}one instance, /m,
      );
      expect(code).toBe(0);
    } finally {
      await pgbouncer.stop();
    }
  });

  it("reports why no instance could be probed", async () => {
    routed.kubernetes.on(POOL_AUTHORITY_PATH, secretOf(routed.authority));
    const { document } = await status({ pool: true });
    expect(document).toMatchObject({
      pool: { up: false, error: expect.stringContaining("connection refused") as string },
    });
  });
});
