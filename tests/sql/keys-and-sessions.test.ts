/** Storage of API keys and sessions, the validity of a key, and the cost of its use. */
import { createHash, randomBytes } from "node:crypto";
import type { Client } from "pg";
import { bindQuery, valuesFor } from "../../components/queries/plan/bind-query";
import { projectRoot } from "../../components/files/project-root";
import { readQueries } from "../../components/queries/query-folder";
import { CHECK_VIOLATION, sqlStateOf, valueOf } from "../support/expect-sql";
import { migratedSark, type TestServer } from "../../scratch/migrated";

jest.setTimeout(120_000);

let server: TestServer;
let app: Client;
let user: unknown;

beforeAll(async () => {
  server = await migratedSark();
  app = await server.connect("sark_app_a");
  user = await valueOf(
    app,
    "insert into users (username, email) values ('ada', 'ada@example.com') returning id",
  );
});

afterAll(() => server.stop());

const newKey = (): string => `sark_${randomBytes(24).toString("base64url")}`;
const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");

async function store(key: string, more: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const names = ["user_id", "name", "prefix", "key_hash", ...Object.keys(more)];
  const values = [user, "ci", key.slice(0, 9), hashOf(key), ...Object.values(more)];
  const places = values.map((_, at) => `$${String(at + 1)}`);
  return valueOf(
    app,
    `insert into api_keys (${names.join(", ")}) values (${places.join(", ")}) returning id`,
    values,
  );
}

/** The application's query for every request with a key. */
async function letIn(key: string): Promise<readonly Record<string, unknown>[]> {
  const query = readQueries(projectRoot()).find(({ name }) => name === "api-key-by-hash");
  if (query === undefined) throw new Error("there is no query api-key-by-hash");
  const bound = await bindQuery(query);
  const values = valuesFor(query, bound, { key_hash: hashOf(key) });
  return (await app.query<Record<string, unknown>>(bound.text, [...values])).rows;
}

test("a key is stored as prefix and hash, a session's token as hash, and no row holds the secret itself", async () => {
  const [key, token] = [newKey(), randomBytes(32).toString("base64url")];
  await store(key);
  await app.query(
    `insert into sessions (user_id, access_token_jti, refresh_token_hash, expires_at)
     values ($1, 'jti', $2, now() + interval '1 hour')`,
    [user, hashOf(token)],
  );
  for (const [table, secret, kept] of [
    ["api_keys", key, key.slice(0, 9)],
    ["sessions", token, hashOf(token)],
  ] as const) {
    const rows = String(await valueOf(app, `select jsonb_agg(t)::text from ${table} as t`));
    expect(rows).toContain(kept);
    expect(rows).not.toContain(secret);
    expect(rows).not.toContain(secret.slice(10));
  }
});

test.each([
  ["the key in place of its hash", { key_hash: "sark_0123456789abcdefghijklmnopqrstuv" }],
  ["a hash in upper case", { key_hash: hashOf("x").toUpperCase() }],
  ["a prefix that shows too much of the key", { prefix: "sark_0123456789ab" }],
  ["a malformed prefix", { prefix: "sar" }],
  ["a null among the scopes", { scopes: "{read,NULL}" }],
])("the table of API keys refuses %s", async (_what, wrong) => {
  const row: Record<string, unknown> = {
    user_id: user,
    name: "wrong",
    prefix: "sark_wro",
    key_hash: hashOf(newKey()),
    ...wrong,
  };
  const insert = `insert into api_keys (${Object.keys(row).join(", ")}) values ($1, $2, $3, $4${"scopes" in row ? ", $5" : ""})`;
  expect(await sqlStateOf(app.query(insert, Object.values(row)))).toBe(CHECK_VIOLATION);
});

test("an API key is valid until it expires or is revoked, and has only the scopes it was given", async () => {
  const [endless, later, expired, revoked] = [newKey(), newKey(), newKey(), newKey()];
  await store(endless);
  await store(later, { expires_at: "2100-01-01", scopes: "{servers:read}" });
  await store(expired, { expires_at: new Date(Date.now() - 1000).toISOString() });
  await store(revoked, { revoked_at: new Date().toISOString() });
  expect(await letIn(endless)).toMatchObject([{ user_id: user, scopes: [] }]);
  expect(await letIn(later)).toMatchObject([{ user_id: user, scopes: ["servers:read"] }]);
  expect(await letIn(expired)).toEqual([]);
  expect(await letIn(revoked)).toEqual([]);
  expect(await letIn(newKey())).toEqual([]);
});

test("a thousand uses of an API key cause one write; the others take no transaction id", async () => {
  const key = newKey();
  const id = await store(key);
  const updates = "select n_tup_upd from pg_stat_xact_user_tables where relname = 'api_keys'";
  await app.query("begin");
  expect(await valueOf(app, updates)).toBe("0");
  for (let use = 0; use < 1000; use++) await app.query("select record_api_key_use($1)", [id]);
  const written = await valueOf(app, updates);
  const hour = await valueOf(
    app,
    "select date_trunc('hour', now()) = last_used_at from api_keys where id = $1",
    [id],
  );
  await app.query("commit");
  expect([written, hour]).toEqual(["1", true]);

  // Sets the last use to just now: the test may cross an hour.
  await app.query("update api_keys set last_used_at = now() + interval '1 hour' where id = $1", [
    id,
  ]);
  await app.query("begin");
  await letIn(key);
  await app.query("select record_api_key_use($1)", [id]);
  const number = await valueOf(app, "select pg_current_xact_id_if_assigned()");
  await app.query("commit");
  expect(number).toBeNull();
});
