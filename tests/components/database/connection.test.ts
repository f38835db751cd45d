import {
  type ConnectionInput,
  withClient,
} from "../../../components/database/providers/connection";
import { renderPgbouncerIni, renderUserlist } from "../../../components/lib/pgbouncer-ini";
import {
  CONSOLE,
  describeWithPgbouncer,
  pgbouncerProgram,
  placeSettings,
  type RunningPgbouncer,
  startPgbouncer,
} from "../../support/pgbouncer";
import { type ScratchPostgres, startScratchPostgres } from "../../support/postgres";

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

it.each([
  ["a wrong password", { password: "not-the-password" }],
  ["a server that is not there", { port: 1, password: "not-the-password" }],
  ["a server without TLS, where TLS is asked for", { sslMode: "verify-full" as const }],
])("says where it could not connect, and never the password: %s", async (_, differences) => {
  const refused = withClient(connection(differences), () => Promise.resolve());
  await expect(refused).rejects.toThrow(/cannot connect to postgres@127\.0\.0\.1:\d+\/postgres/);
  await expect(refused).rejects.not.toThrow(/not-the-password/);
});

describeWithPgbouncer("administrative work through a transaction pool", () => {
  let pool: RunningPgbouncer;
  beforeAll(async () => {
    const { host, port, user, password } = server;
    pool = await startPgbouncer(
      (place) =>
        renderPgbouncerIni({
          version: pgbouncerProgram?.version ?? "",
          databases: { postgres: { host, port, user, password } },
          settings: { ...placeSettings(place), server_tls_sslmode: "disable" },
        }).text,
      renderUserlist([CONSOLE, { name: user, secret: password }]),
    );
  });
  afterAll(() => pool.stop());

  it("is refused before anything is done, with the setting to change", async () => {
    let worked = false;
    const refused = withClient(connection({ port: pool.place.port }), () => {
      worked = true;
      return Promise.resolve();
    });
    await expect(refused).rejects.toThrow(/is a connection pool, not a server.*sark-databases:/);
    expect(worked).toBe(false);
  });
});
