import type { Client } from "pg";
import {
  type ConnectionInput,
  withClient,
} from "../../../components/connections/provider-connection";
import { MigrationError } from "../../../components/migrations/plan/errors";
import { renderPgbouncerIni, renderUserlist } from "../../../components/pool/plan/pgbouncer-ini";
import {
  CONSOLE,
  describeWithPgbouncer,
  pgbouncerProgram,
  placeSettings,
  type RunningPgbouncer,
  startPgbouncer,
} from "../../support/started-pgbouncer";
import { type ScratchPostgres, startScratchPostgres } from "../../../scratch/scratch-postgres";

let server: ScratchPostgres;
beforeAll(async () => {
  server = await startScratchPostgres();
});
afterAll(() => server.stop());

const connection = (differences: Partial<ConnectionInput> = {}): ConnectionInput => ({
  host: server.host,
  port: server.port,
  database: "postgres",
  user: server.user,
  password: server.password,
  sslMode: "disable",
  ...differences,
});

it("withClient fixes the search path, so that a planted function does not replace a built-in one", async () => {
  await withClient(connection(), async (client) => {
    await client.query(
      "create function public.length(text) returns int language sql as 'select -1'",
    );
    const length = async () =>
      (await client.query<{ n: number }>("select length('abc') as n")).rows[0]?.n;
    expect(await length()).toBe(3);
    // The planted function works when the search path is not fixed.
    await client.query("set search_path to public, pg_catalog");
    expect(await length()).toBe(-1);
  });
});

it("withClient fixes the search path against settings of the database and the role", async () => {
  const path = (client: Client) => client.query<{ search_path: string }>("show search_path");
  await withClient(connection(), (client) =>
    client.query(
      `alter database postgres set search_path to public, pg_catalog;
       alter role postgres set search_path to public, pg_catalog`,
    ),
  );
  await withClient(connection(), async (client) => {
    expect((await path(client)).rows).toEqual([{ search_path: "pg_catalog,pg_temp" }]);
    await client.query("set search_path to public; reset all");
    expect((await path(client)).rows).toEqual([{ search_path: "pg_catalog,pg_temp" }]);
  });
});

it.each([
  ["a wrong password", { password: "not-the-password" }],
  ["a server that is down", { port: 1, password: "not-the-password" }],
  ["a server without TLS when TLS is required", { sslMode: "verify-full" as const }],
])("withClient names the address without the password in its error: %s", async (_, differences) => {
  const refused = withClient(connection(differences), () => Promise.resolve());
  await expect(refused).rejects.toThrow(/cannot connect to postgres@127\.0\.0\.1:\d+\/postgres/);
  await expect(refused).rejects.not.toThrow(/not-the-password/);
});

describeWithPgbouncer("withClient through a pool", () => {
  // A pool that accepts options, unlike this project's, is recognised by its process id, any other by its error.
  describe.each([
    ["of transactions", "transaction", ""],
    ["of transactions that accepts options", "transaction", ", options"],
    ["of sessions that accepts options", "session", ", options"],
  ])("%s", (_, poolMode, takes) => {
    let pool: RunningPgbouncer;
    beforeAll(async () => {
      const { host, port, user, password } = server;
      const postgres = { host, port, user, password };
      pool = await startPgbouncer(
        (place) =>
          renderPgbouncerIni({
            version: pgbouncerProgram?.version ?? "",
            databases: { postgres },
            settings: {
              ...placeSettings(place),
              server_tls_sslmode: "disable",
              pool_mode: poolMode,
            },
          }).text.replace(/^(ignore_startup_parameters = .*)$/m, `$1${takes}`),
        renderUserlist([CONSOLE, { name: user, secret: password }]),
      );
    });
    afterAll(() => pool.stop());

    it("is rejected before any work, with a code and the setting to change", async () => {
      let worked = false;
      const refused = withClient(connection({ port: pool.place.port }), () => {
        worked = true;
        return Promise.resolve();
      });
      await expect(refused).rejects.toBeInstanceOf(MigrationError);
      await expect(refused).rejects.toThrow(
        /^pool: postgres@127.* is a connection pool, not a server.*sark-databases:/,
      );
      expect(worked).toBe(false);
    });
  });
});
