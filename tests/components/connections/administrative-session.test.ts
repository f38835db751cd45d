import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "pg";
import { withClient } from "../../../components/connections/provider-connection";
import { freePort, HOST } from "../../../components/homes/local/processes/ports";
import { withAdmin } from "../../../components/homes/local/processes/postgres-admin";
import { userOptions, serviceUser } from "../../../components/homes/local/processes/service-user";
import { Connections } from "../../../engine/embedded/providers/postgresql/connections";
import { withAdministrator } from "../../../cli/commands/load-database";
import { probeConfig, probe } from "../../../cli/status/status-probe";
import type { ServerOutput, StackOutputs } from "../../../components/outputs/outputs";
import {
  type ScratchPostgres,
  startScratchPostgres,
  temporaryFolder,
} from "../../../scratch/scratch-postgres";

jest.setTimeout(60_000);

/** Parameters that end or prevent an administrator's session, or make it wait for ever. */
const HOSTILE = {
  statement_timeout: "1ms",
  lock_timeout: "1ms",
  transaction_timeout: "1s",
  idle_session_timeout: "50ms",
  idle_in_transaction_session_timeout: "50ms",
  exit_on_error: "on",
};

/** A stand-by that never connects, and a read-only server. */
const ABSENT = { synchronous_standby_names: "*", default_transaction_read_only: "on" };

/** Binaries of an older server: Debian 12's own. */
const PROGRAMS_15 = "/usr/lib/postgresql/15/bin";

/** A library that does not exist. */
const MISSING = "no_such_library";

/** Runs work in one kind of session. */
type Session = (server: ScratchPostgres, work: Work) => Promise<void>;
type Work = (run: (sql: string) => Promise<unknown>) => Promise<void>;

const runIn = (client: Client) => (sql: string) => client.query(sql);

const SESSIONS: Readonly<Record<string, Session>> = {
  "a provider": ({ host, port, user, password }, work) =>
    withClient({ host, port, user, password, database: "postgres", sslMode: "disable" }, (client) =>
      work(runIn(client)),
    ),
  "the local home": ({ folder, user, password }, work) =>
    withAdmin(folder, { user, password }, (client) => work(runIn(client))),
  "the embedded engine's provider": async ({ host, port, user, password }, work) => {
    const inputs = { host, port: String(port), username: user, password, sslmode: "disable" };
    await new Connections().use(inputs, "postgres", (session) => work((sql) => session.run(sql)));
  },
  "the loader of made-up data": ({ host, port, user, password }, work) => {
    const logins = { sark_admin: { user, password, host, port } };
    return withAdministrator({ logins } as unknown as StackOutputs, "sark", (client) =>
      work(runIn(client)),
    );
  },
};

const WORK: Work = async (run) => {
  await run("create temporary table waits as select from pg_catalog.generate_series(1, 200000)");
  await new Promise((resolve) => setTimeout(resolve, 150));
  await run("begin; drop table waits; select pg_catalog.pg_sleep(1.2)");
  await new Promise((resolve) => setTimeout(resolve, 150));
  await run("commit");
  await run("select no_such_column").catch(() => undefined);
  await run("create table public.kept (); drop table public.kept");
};

/** Servers by parameters. */
const PARAMETERS = {
  hostile: HOSTILE,
  absent: { ...HOSTILE, ...ABSENT },
  session_preload_libraries: { session_preload_libraries: MISSING },
  local_preload_libraries: { local_preload_libraries: MISSING },
};
type Name = keyof typeof PARAMETERS;
let servers: Readonly<Record<Name, ScratchPostgres>>;
beforeAll(async () => {
  const start = async (name: Name) => {
    const server = await startScratchPostgres({ parameters: PARAMETERS[name] });
    const { folder, user, password } = server;
    // The database that the loader connects to.
    await withAdmin(folder, { user, password }, (client) => client.query("create database sark"));
    return server;
  };
  servers = {
    hostile: await start("hostile"),
    absent: await start("absent"),
    session_preload_libraries: await start("session_preload_libraries"),
    local_preload_libraries: await start("local_preload_libraries"),
  };
});
afterAll(() => Promise.all(Object.values(servers).map((server) => server.stop())));

describe.each(Object.entries(SESSIONS))("administrative session of %s", (_, session) => {
  it("works regardless of the server's timeouts and defaults", async () => {
    await session(servers.hostile, WORK);
  });

  it.each(["session_preload_libraries", "local_preload_libraries"] as const)(
    "starts on a server whose %s names a missing library",
    async (name) => {
      await session(servers[name], WORK);
    },
  );
});

it("session of the local home writes to a read-only server and commits without a replica", async () => {
  const { folder, user, password } = servers.absent;
  await withAdmin(folder, { user, password }, (client) => WORK(runIn(client)));
});

it("provider session respects read-only and synchronous_commit of the server", async () => {
  const { host, port, user, password } = servers.absent;
  const connection = { host, port, user, password, database: "postgres" } as const;
  const rows = await withClient({ ...connection, sslMode: "disable" }, async (client) => {
    const shown = await client.query(
      `select current_setting('synchronous_commit') as commit,
              current_setting('default_transaction_read_only') as readonly`,
    );
    return shown.rows as unknown;
  });
  expect(rows).toEqual([{ commit: "on", readonly: "on" }]);
});

it("status command ignores the server's timeouts, and keeps its other defaults", async () => {
  const { host, port, user, password } = servers.hostile;
  const config = probeConfig(
    { database: "postgres", maxConnections: 100, sslMode: "disable" } as ServerOutput,
    { host, port, sslMode: "disable", timeoutMs: 10_000 },
    { user, password } as never,
  );
  const answer = await probe(config, async (client) => {
    await client.query("select pg_catalog.pg_sleep(0.2)");
    await client.query("begin; select pg_catalog.pg_sleep(1.2)");
    await new Promise((resolve) => setTimeout(resolve, 150));
    await client.query("commit");
    const { rows } = await client.query("show exit_on_error");
    return rows as unknown;
  });
  expect(answer).toEqual({ up: true, facts: [{ exit_on_error: "on" }] });
});

const describeWith15 = existsSync(PROGRAMS_15) ? describe : describe.skip;
describeWith15("administrative session on PostgreSQL 15, which lacks transaction_timeout", () => {
  const folder = temporaryFolder("sark-postgres-15-");
  const password = "of-the-test";
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    const secret = join(folder, "password");
    writeFileSync(secret, password);
    run15("initdb", "-U", "postgres", "-A", "scram-sha-256", `--pwfile=${secret}`);
    const lines = Object.entries(HOSTILE).filter(([name]) => name !== "transaction_timeout");
    const more = [
      ["port", port],
      ["listen_addresses", HOST],
      ["unix_socket_directories", ""],
    ];
    appendFileSync(
      join(folder, "data", "postgresql.conf"),
      [...lines, ...more].map(([name, value]) => `${name} = '${value}'\n`).join(""),
    );
    run15("pg_ctl", "start", "-w", "-l", join(folder, "log"));
  });
  afterAll(() => {
    run15("pg_ctl", "stop", "-m", "immediate");
    rmSync(folder, { recursive: true });
  });

  /** Runs one of its binaries on the data, as the servers' user. */
  function run15(program: string, ...args: readonly string[]): void {
    const data = join(folder, "data");
    execFileSync(join(PROGRAMS_15, program), [...args, "-D", data], {
      ...userOptions(serviceUser()),
      stdio: "ignore",
    });
  }

  it("starts with all other settings", async () => {
    const connection = { host: HOST, port, user: "postgres", password, database: "postgres" };
    await withClient({ ...connection, sslMode: "disable" }, async (client) => {
      const { rows } = await client.query<{ server_version_num: string }>(
        "show server_version_num",
      );
      expect(rows[0]?.server_version_num).toMatch(/^15/);
      await WORK(runIn(client));
    });
  });
});
