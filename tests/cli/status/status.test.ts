import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import type { StackOutputs } from "../../../components/outputs/outputs";
import { renderPgbouncerIni } from "../../../components/pool/plan/pgbouncer-ini";
import { lossesOf } from "../../../cli/report/losses";
import { runStatus } from "../../../cli/status/status";
import { CuttingProxy } from "../../support/cutting-proxy";
import { FakePostgres } from "../../support/fake-postgres";
import {
  CONSOLE,
  describeWithPgbouncer,
  pgbouncerProgram,
  placeSettings,
  startPgbouncer,
} from "../../support/started-pgbouncer";
import { startScratchPostgres, type ScratchPostgres } from "../../../scratch/scratch-postgres";
import { FakeEngine, fakeTerminal, planOf, scratchFolder } from "../support/fakes";

jest.setTimeout(60_000);

interface Objective {
  readonly name: string;
  readonly value: number | null;
}

let server: ScratchPostgres;

beforeAll(async () => {
  server = await startScratchPostgres();
  const client = new Client({ connectionString: server.connectionString });
  await client.connect();
  await client.query(`
    create extension pgcrypto;
    create schema sark_migrations;
    create table sark_migrations.applied (name text primary key);
    insert into sark_migrations.applied values ('000001_users.sql');`);
  await client.end();
});

afterAll(() => server.stop());

function outputs(
  more: {
    readonly port?: number;
    readonly pool?: StackOutputs["pool"];
    readonly retained?: boolean;
    readonly home?: "aws";
  } = {},
) {
  const { host, port, user, password } = server;
  const login = { database: "postgres", user, password, host, port };
  const stats = { user: CONSOLE.name, password: CONSOLE.secret, database: "pgbouncer" };
  const result: StackOutputs = {
    servers: {
      main: {
        home: more.home ?? "local",
        engine: "postgresql",
        database: "postgres",
        host,
        port: more.port ?? port,
        sslMode: "disable",
        maxConnections: 100,
        budget: 60,
        limits: [],
        migrations: ["000001_users.sql"],
        ...(more.retained ? { retained: true } : {}),
      },
    },
    pool: more.pool ?? null,
    logins: { postgres_monitor: login, pool_stats: { ...login, ...stats } },
  };
  return result;
}

async function status(stack: StackOutputs, json = true) {
  const { terminal, out } = fakeTerminal({ json });
  const engine = new FakeEngine(planOf(), { outputs: stack });
  const code = await runStatus(engine, { root: scratchFolder(), stack: "local" }, terminal);
  return { code, text: out(), document: json ? (JSON.parse(out()) as object) : {} };
}

describe("status", () => {
  it("shows a real server's version, role, sessions, extensions and ledger", async () => {
    const { code, document } = await status(outputs());
    expect(document).toMatchObject({
      engine: "embedded",
      stack: "local",
      servers: [
        {
          name: "main",
          up: true,
          version: expect.stringMatching(/^18\./) as string,
          role: "primary",
          sessions: 0,
          maxConnections: 100,
          budget: 60,
          extensions: { pgcrypto: expect.any(String) as string },
          applied: ["000001_users.sql"],
          pending: [],
        },
      ],
      pool: null,
      problems: [],
    });
    expect(code).toBe(0);
  });

  it("reports pending migrations, and exits 1", async () => {
    const stack = outputs();
    const { main } = stack.servers;
    if (main === undefined) throw new Error("there is a server");
    const migrations = [...main.migrations, "000002_servers.sql"];
    const { code, document } = await status({
      ...stack,
      servers: { main: { ...main, migrations } },
    });
    expect(document).toMatchObject({ servers: [{ pending: ["000002_servers.sql"] }] });
    expect(code).toBe(1);
  });

  it("reports a server that is down, and exits 1", async () => {
    const { code, document } = await status(outputs({ port: 1 }));
    expect(document).toMatchObject({
      servers: [{ up: false, error: "connect ECONNREFUSED 127.0.0.1:1" }],
      problems: ["main (127.0.0.1:1) does not answer: connect ECONNREFUSED 127.0.0.1:1."],
    });
    expect(code).toBe(1);
  });

  describe("of a server that accepts connections but does not answer", () => {
    let proxy: CuttingProxy;
    let fake: FakePostgres;
    beforeAll(async () => {
      proxy = await CuttingProxy.start(server.port);
      proxy.setFate(() => "held");
      fake = await FakePostgres.start("silence");
    });
    afterAll(() => Promise.all([proxy.stop(), fake.stop()]));

    const postmaster = (): number =>
      Number.parseInt(readFileSync(join(server.folder, "data", "postmaster.pid"), "utf8"), 10);

    it.each([
      ["a process that was stopped", () => server.port],
      ["a program that never answers", () => fake.port],
      ["a session whose first query has no answer", () => proxy.port],
    ])("reports that it hangs, and exits 1: %s", async (_, portOf) => {
      const port = portOf();
      if (port === server.port) process.kill(postmaster(), "SIGSTOP");
      try {
        const { code, document } = await status(outputs({ port }));
        expect(document).toMatchObject({
          servers: [{ up: false, hung: true }],
          problems: [
            expect.stringMatching(/^main \(127\.0\.0\.1:\d+\) hangs: .*\b5 s\. Check its/),
          ],
        });
        expect(code).toBe(1);
        expect((await status(outputs({ port }), false)).text).toMatch(/^main +hung +127/);
      } finally {
        process.kill(postmaster(), "SIGCONT");
      }
    });

    it("reports a hanging pool, too", async () => {
      const pool = { host: "127.0.0.1", port: fake.port, running: true, entries: {} };
      const { code, document } = await status(outputs({ pool }));
      expect(document).toMatchObject({
        pool: { up: false, hung: true },
        problems: [expect.stringMatching(/^The pool hangs: /)],
      });
      expect(code).toBe(1);
    });
  });

  it("reports a pool that is not installed, but not as a problem", async () => {
    const pool = { host: "127.0.0.1", port: 1, running: false, entries: {} };
    const { code, text } = await status(outputs({ pool }), false);
    expect(text).toContain("not running (PgBouncer is not installed)\n");
    expect(text).toContain("All healthy.\n");
    expect(code).toBe(0);
  });

  it("shows no password", async () => {
    expect((await status(outputs())).text).not.toContain(server.password);
    expect((await status(outputs(), false)).text).not.toContain(server.password);
  });
});

describe("destroy", () => {
  it("lists lost, kept and saved databases, with the size of those that answer", async () => {
    const { lost, kept } = await lossesOf(outputs());
    expect([lost.length, kept]).toEqual([1, []]);
    expect(lost[0]).toMatch(
      /^the database postgres with its data \(127\.0\.0\.1:\d+, \d+\.\d MiB\)$/,
    );
    const line = "the database postgres with its data (127.0.0.1:1)";
    expect(await lossesOf(outputs({ port: 1 }))).toEqual({ lost: [line], kept: [], saved: [] });
    expect(await lossesOf(outputs({ port: 1, retained: true }))).toEqual({
      lost: [],
      kept: [line],
      saved: [],
    });
    expect(await lossesOf(outputs({ port: 1, home: "aws" }))).toEqual({
      lost: [],
      kept: [],
      saved: [`${line}; automated backups stay until their retention ends`],
    });
  });
});

describeWithPgbouncer("status of a real pool", () => {
  it("shows its clients and server connections for each entry", async () => {
    const { host, port, user, password } = server;
    const pgbouncer = await startPgbouncer(
      (place) =>
        renderPgbouncerIni({
          version: pgbouncerProgram?.version ?? "",
          settings: {
            ...placeSettings(place),
            stats_users: CONSOLE.name,
            max_db_connections: 0,
            max_client_conn: 10,
          },
          databases: {
            main: { host, port, dbname: "postgres", pool_size: 7, max_db_connections: 9 },
            small: { host, port, dbname: "postgres", pool_size: 3 },
          },
        }).text,
      `"${CONSOLE.name}" "${CONSOLE.secret}"\n"${user}" "${password}"\n`,
    );
    const client = new Client({
      host,
      port: pgbouncer.place.port,
      user,
      password,
      database: "main",
    });
    try {
      await client.connect();
      await client.query("begin");
      const entries = { main: "transaction" };
      const pool = { host, port: pgbouncer.place.port, running: true, entries };
      const { code, document } = await status(outputs({ pool }));
      expect(document).toMatchObject({
        pool: {
          up: true,
          version: pgbouncerProgram?.version,
          clients: 1,
          entries: {
            main: {
              mode: "transaction",
              clientsActive: 1,
              serversActive: 1,
              poolSize: 7,
              maxServers: 9,
            },
          },
        },
      });
      const { objectives } = (document as { pool: { objectives: Objective[] } }).pool;
      const values = Object.fromEntries(objectives.map(({ name, value }) => [name, value]));
      // Its own client on the console is not one of the application's. The entry without a limit has its pool size.
      expect(values).toMatchObject({
        "pool-down": 1,
        "pool-use": expect.closeTo(1 / 9) as number,
        "pool-clients": expect.closeTo(1 / 10) as number,
        "pool-longest-wait": 0,
      });
      expect(code).toBe(0);
    } finally {
      await client.end();
      await pgbouncer.stop();
    }
  });
});
