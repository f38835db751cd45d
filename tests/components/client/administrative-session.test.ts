import type { Client } from "pg";
import { withClient } from "../../../components/database/providers/connection";
import { withAdmin } from "../../../components/local/processes/postgres-admin";
import { Connections } from "../../../engine/embedded/providers/postgresql/connections";
import { connected } from "../../../engine/load-database";
import { configOf, probe } from "../../../engine/status-probe";
import type { ServerOutput, StackOutputs } from "../../../components/outputs";
import { type ScratchPostgres, startScratchPostgres } from "../../support/postgres";

jest.setTimeout(60_000);

/** Parameters that end or refuse an administrator's session, or keep it waiting for ever. */
const HOSTILE = {
  statement_timeout: "1ms",
  lock_timeout: "1ms",
  transaction_timeout: "1s",
  idle_session_timeout: "50ms",
  idle_in_transaction_session_timeout: "50ms",
  default_transaction_read_only: "on",
  exit_on_error: "on",
  synchronous_standby_names: "*",
};

/** A library that no server has. */
const MISSING = "no_such_library";

/** Runs work in a session of each kind. */
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
    const connections = new Connections();
    const inputs = { host, port, username: user, password, sslmode: "disable", maxConnections: 1 };
    await connections.use(inputs, "postgres", (session) => work((sql) => session.run(sql)));
    await connections.close();
  },
  "the loader of made-up data": ({ host, port, user, password }, work) => {
    const logins = { sark_admin: { user, password, host, port } };
    return connected({ logins } as unknown as StackOutputs, "sark", (client) =>
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

/** Servers by the parameters that they have. */
const PARAMETERS = {
  hostile: HOSTILE,
  session_preload_libraries: { session_preload_libraries: MISSING },
  local_preload_libraries: { local_preload_libraries: MISSING },
};
type Name = keyof typeof PARAMETERS;
let servers: Readonly<Record<Name, ScratchPostgres>>;
beforeAll(async () => {
  const start = async (name: Name) => {
    const server = await startScratchPostgres({ parameters: PARAMETERS[name] });
    const { folder, user, password } = server;
    // The database that the loader asks for.
    await withAdmin(folder, { user, password }, (client) => client.query("create database sark"));
    return server;
  };
  servers = {
    hostile: await start("hostile"),
    session_preload_libraries: await start("session_preload_libraries"),
    local_preload_libraries: await start("local_preload_libraries"),
  };
});
afterAll(() => Promise.all(Object.values(servers).map((server) => server.stop())));

describe.each(Object.entries(SESSIONS))("a session of %s", (_, session) => {
  it("does its work whatever the server's time-outs, defaults and stand-bys are", async () => {
    await session(servers.hostile, WORK);
  });

  it.each(["session_preload_libraries", "local_preload_libraries"] as const)(
    "begins on a server whose %s names a library that is missing",
    async (name) => {
      await session(servers[name], WORK);
    },
  );
});

it("of the status command has no time-out of the server's, and sees what others' commits wait for", async () => {
  const { host, port, user, password } = servers.hostile;
  const config = configOf(
    { database: "postgres", maxConnections: 100, sslMode: "disable" } as ServerOutput,
    { host, port, sslMode: "disable", patience: 10_000 },
    { user, password } as never,
  );
  const answer = await probe(config, async (client) => {
    await client.query("select pg_catalog.pg_sleep(0.2)");
    await client.query("begin; select pg_catalog.pg_sleep(1.2)");
    await new Promise((resolve) => setTimeout(resolve, 150));
    await client.query("commit");
    const { rows } = await client.query("show synchronous_commit");
    return rows as unknown;
  });
  expect(answer).toEqual({ up: true, facts: [{ synchronous_commit: "on" }] });
});
