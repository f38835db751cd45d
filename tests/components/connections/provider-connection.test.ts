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

it("pins the search path, so that a function planted in public is not called in place of a built-in", async () => {
  await withClient(connection(), async (client) => {
    await client.query(
      "create function public.length(text) returns int language sql as 'select -1'",
    );
    const length = async () =>
      (await client.query<{ n: number }>("select length('abc') as n")).rows[0]?.n;
    expect(await length()).toBe(3);
    // The plant works where the path is not pinned.
    await client.query("set search_path to public, pg_catalog");
    expect(await length()).toBe(-1);
  });
});

it("pins the search path as the session begins, against what the database and the role set", async () => {
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
  ["a server that is not there", { port: 1, password: "not-the-password" }],
  ["a server without TLS, where TLS is asked for", { sslMode: "verify-full" as const }],
])("says where it could not connect, and never the password: %s", async (_, differences) => {
  const refused = withClient(connection(differences), () => Promise.resolve());
  await expect(refused).rejects.toThrow(/cannot connect to postgres@127\.0\.0\.1:\d+\/postgres/);
  await expect(refused).rejects.not.toThrow(/not-the-password/);
});

describeWithPgbouncer("administrative work through a pool", () => {
  // One that takes options, as this project's does not, is known by its process number, any other by its refusal.
  describe.each([
    ["of transactions", "transaction", ""],
    ["of transactions that takes options", "transaction", ", options"],
    ["of sessions that takes options", "session", ", options"],
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

    it("is refused before anything is done, with a code and the setting to change", async () => {
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
