/** The guide's queries, on data of a realistic shape, use the indexes that are there for them. */
import type { Client } from "pg";
import { planOf, valueOf } from "../support/expect-sql";
import { migratedSark, type TestServer } from "../support/migrated";

let server: TestServer;
let app: Client;

const DATA = `
  insert into users (username, email, ldap_dn, is_active, is_admin, last_login_at, created_at)
  select 'User.' || g, 'user.' || g || '@example.com', case when g % 10 = 0 then 'uid=' || g || ',dc=example' end,
         g % 20 <> 0, g % 100 = 0, now() - g * interval '7 minutes', now() - g * interval '1 hour'
    from generate_series(1, 5000) as g;

  insert into servers (name, endpoint, api_key_hash, owner_id, tags, metadata, last_seen_at, created_at)
  select (array['billing', 'search', 'mail', 'ledger'])[1 + g % 4] || '-' || md5(g::text),
         'https://' || case when g % 200 = 0 then 'production' else 'host' || g end || '.example.com/mcp',
         md5(g::text), u.id, jsonb_build_array('team-' || g % 300), jsonb_build_object('rack', g % 500),
         now() - g * interval '1 second', now() - g * interval '1 minute'
    from generate_series(1, 20000) as g
    join (select id, row_number() over (order by username) as n from users) as u on u.n = 1 + g % 5000;

  insert into servers (name, endpoint, api_key_hash, owner_id)
  select 'preproduction-gateway', 'https://gateway.example.com', 'x', id from users limit 1;

  insert into sessions (user_id, access_token_jti, refresh_token_hash, expires_at)
  select u.id, 'jti-' || g, encode(sha256(g::text::bytea), 'hex'), now() + (g - 1000) * interval '10 seconds'
    from generate_series(1, 20000) as g
    join (select id, row_number() over (order by username) as n from users) as u on u.n = 1 + g % 5000;

  insert into api_keys (user_id, name, prefix, key_hash)
  select id, 'ci', 'sark_ab12', encode(sha256(username::bytea), 'hex') from users;

  select publish_policy('policy-' || g % 200, 'package p' || g, (select min(id::text)::uuid from users))
    from generate_series(1, 2000) as g;`;

beforeAll(async () => {
  server = await migratedSark();
  app = await server.connect("sark_app_a");
  await app.query(DATA);
  await (await server.connect("postgres")).query("vacuum analyze");
}, 120_000);

afterAll(() => server.stop());

const NOBODY = "'00000000-0000-0000-0000-000000000000'";

test.each([
  [
    "log-in by name",
    "select id from users where lower(username) = 'user.7' and is_active",
    "users_username_lower_key",
  ],
  [
    "log-in by e-mail",
    "select id from users where lower(email) = 'user.7@example.com'",
    "users_email_lower_key",
  ],
  [
    "log-in by directory",
    "select id from users where ldap_dn = 'uid=70,dc=example'",
    "users_ldap_dn_key",
  ],
  [
    "administrators in order",
    "select username from users where is_active and is_admin order by username",
    "users_active_admins_idx",
  ],
  ["server by name", "select id from servers where name = 'mail-x'", "servers_name_idx"],
  [
    "substring of a name",
    "select id from servers where name like '%prod%'",
    "servers_name_endpoint_trgm_idx",
  ],
  [
    "substring of an endpoint",
    "select id from servers where endpoint like '%production%'",
    "servers_name_endpoint_trgm_idx",
  ],
  [
    "substring of either",
    "select id from servers where name like '%preprod%' or endpoint like '%preprod%' order by created_at desc limit 20",
    "servers_name_endpoint_trgm_idx",
  ],
  [
    "word of name or endpoint",
    "select id from servers where search_vector @@ to_tsquery('english', 'production') order by created_at desc limit 20",
    "servers_search_vector_idx",
  ],
  ["tag", `select id from servers where tags @> '["team-7"]'`, "servers_tags_idx"],
  ["metadata", `select id from servers where metadata @> '{"rack": 7}'`, "servers_metadata_idx"],
  [
    "token validation",
    "select user_id from sessions where access_token_jti = 'jti-7'",
    "sessions_access_token_jti_key",
  ],
  [
    "token refresh",
    `select id from sessions where refresh_token_hash = repeat('0', 64)`,
    "sessions_refresh_token_hash_key",
  ],
  [
    "a user's active sessions",
    `select id from sessions where user_id = ${NOBODY} and expires_at > now()`,
    "sessions_user_id_expires_at_idx",
  ],
  [
    "batch of expired sessions",
    "select id from sessions where expires_at <= now() order by expires_at limit 100 for update skip locked",
    "sessions_expires_at_idx",
  ],
  [
    "key validation",
    "select id from api_keys where key_hash = repeat('0', 64)",
    "api_keys_key_hash_key",
  ],
  [
    "removal of a user: sessions",
    `select from sessions where user_id = ${NOBODY}`,
    "sessions_user_id_expires_at_idx",
  ],
  [
    "removal of a user: keys",
    `select from api_keys where user_id = ${NOBODY}`,
    "api_keys_user_id_created_at_id_idx",
  ],
  [
    "removal of a user: servers",
    `select from servers where owner_id = ${NOBODY}`,
    "servers_owner_id_created_at_id_idx",
  ],
])("%s: %s", async (_name, statement, index) => {
  const { indexes, nodes } = await planOf(app, statement);
  // An "or" is two scans of one index.
  expect([...new Set(indexes)]).toEqual([index]);
  expect(nodes).not.toContain("Seq Scan");
});

const PAGE =
  "(created_at, id) < (now() - interval '20 hours', 'ffffffff-ffff-ffff-ffff-ffffffffffff')";

// In the order of the index: a page reads its own rows and sorts nothing.
test.each([
  [
    "users",
    `select id from users where ${PAGE} order by created_at desc, id desc limit 20`,
    "users_created_at_id_idx",
  ],
  [
    "servers",
    `select id from servers where ${PAGE} order by created_at desc, id desc limit 20`,
    "servers_created_at_id_idx",
  ],
  [
    "an owner's servers",
    `select id from servers where owner_id = ${NOBODY} and ${PAGE} order by created_at desc, id desc limit 20`,
    "servers_owner_id_created_at_id_idx",
  ],
  [
    "a user's keys",
    `select id from api_keys where user_id = ${NOBODY} order by created_at desc, id desc limit 20`,
    "api_keys_user_id_created_at_id_idx",
  ],
  [
    "recent log-ins",
    "select id from users where last_login_at is not null order by last_login_at desc, id desc limit 20",
    "users_last_login_at_id_idx",
  ],
  [
    "servers seen lately",
    "select id from servers order by last_seen_at desc nulls last limit 20",
    "servers_last_seen_at_idx",
  ],
  [
    "the history of a policy",
    `select version from policy_versions where policy_id = ${NOBODY} order by version desc limit 20`,
    "policy_versions_pkey",
  ],
])("a page of %s comes from its index without a sort", async (_name, statement, index) => {
  const { indexes, nodes } = await planOf(app, statement);
  expect(indexes).toEqual([index]);
  expect(nodes).not.toEqual(expect.arrayContaining([expect.stringMatching(/Sort|Seq Scan/)]));
});

test("the policy in force is two look-ups by key", async () => {
  const { indexes } = await planOf(
    app,
    `select v.rego_code from policies as p join policy_versions as v on (v.policy_id, v.version) = (p.id, p.version)
      where p.name = 'policy-7' and p.is_active`,
  );
  expect(indexes).toEqual(["policies_name_key", "policy_versions_pkey"]);
});

test("pages by key cover every server once, also where times are equal", async () => {
  await app.query("update servers set created_at = date_trunc('day', created_at)");
  const seen = new Set<string>();
  let after = ["infinity", "ffffffff-ffff-ffff-ffff-ffffffffffff"];
  for (;;) {
    const { rows } = await app.query<{ id: string; at: string }>(
      `select id, created_at::text as at from servers
        where (created_at, id) < ($1, $2) order by created_at desc, id desc limit 4000`,
      after,
    );
    rows.forEach(({ id }) => seen.add(id));
    const last = rows.at(-1);
    if (last === undefined) break;
    after = [last.at, last.id];
  }
  expect(seen.size).toBe(Number(await valueOf(app, "select count(*) from servers")));
});

test("words and substrings are two answers", async () => {
  const word = "search_vector @@ to_tsquery('english', 'production')";
  const part = "name like '%production%' or endpoint like '%production%'";
  const count = async (where: string): Promise<number> =>
    Number(await valueOf(app, `select count(*) from servers where ${where}`));
  // A hundred endpoints hold the word, also inside of a URL; preproduction-gateway holds it as a part of another.
  expect(await count(word)).toBe(100);
  expect(await count(part)).toBe(101);
});

test("no index is a duplicate or a prefix of another, and every foreign key has one", async () => {
  const admin = await server.connect("postgres");
  const { rows: redundant } = await admin.query(`
    select a.indexrelid::regclass as index, b.indexrelid::regclass as covered_by
      from pg_index as a
      join pg_index as b on a.indrelid = b.indrelid and a.indexrelid <> b.indexrelid
      join pg_class as ac on ac.oid = a.indexrelid
      join pg_class as bc on bc.oid = b.indexrelid and bc.relam = ac.relam
     where a.indrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
       and not a.indisunique and a.indpred is null and b.indpred is null
       and a.indexprs is null and b.indexprs is null
       and (b.indkey::text || ' ') like (a.indkey::text || ' %')`);
  expect(redundant).toEqual([]);
  const { rows: bare } = await admin.query(`
    select k.conname
      from pg_constraint as k
     where k.contype = 'f' and k.connamespace = 'public'::regnamespace
       and not exists (select from pg_index as i where i.indrelid = k.conrelid and i.indkey[0] = k.conkey[1])`);
  expect(bare).toEqual([]);
});
