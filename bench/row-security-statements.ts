/** The data and hot statements for measuring row-level security. */

export interface HotStatement {
  readonly name: string;
  readonly text: string;
  readonly values: (n: number) => readonly unknown[];
  /** The row's owner, for whom the owner policies make it visible. */
  readonly user: (n: number) => string;
}

const USERS = 5000;

/** Ids that SQL and TypeScript compute identically. */
const id = (kind: number, n: number): string =>
  `00000000-0000-${kind.toString(16).padStart(4, "0")}-0000-${n.toString(16).padStart(12, "0")}`;
const sqlId = (kind: number, n: string): string =>
  `('00000000-0000-${kind.toString(16).padStart(4, "0")}-0000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;

/** 5,000 users, 20,000 servers, 50,000 sessions, 10,000 keys. */
export const DATA = `
  insert into users (id, username, email)
  select ${sqlId(1, "n")}, 'user' || n, 'user' || n || '@example.com' from generate_series(0, ${String(USERS - 1)}) as n;
  insert into servers (id, name, endpoint, api_key_hash, owner_id, tags)
  select ${sqlId(2, "n")}, 'server-' || md5(n::text), 'https://' || md5('e' || n) || '.example.com', 'x',
         ${sqlId(1, `n % ${String(USERS)}`)}, jsonb_build_array('team' || n % 500, 'zone' || n % 7)
    from generate_series(0, 19999) as n;
  insert into sessions (user_id, access_token_jti, refresh_token_hash, expires_at)
  select ${sqlId(1, `n % ${String(USERS)}`)}, 'jti' || n, encode(sha256(n::text::bytea), 'hex'), now() + interval '1 day'
    from generate_series(0, 49999) as n;
  insert into api_keys (id, user_id, name, prefix, key_hash, last_used_at)
  select ${sqlId(3, "n")}, ${sqlId(1, `n % ${String(USERS)}`)}, 'key', 'prefix', encode(sha256(('k' || n)::bytea), 'hex'), now()
    from generate_series(0, 9999) as n;
`;

const owner = (n: number): string => id(1, Math.abs(n) % USERS);
const row = (n: number): number => Math.abs(n) % USERS;

export const HOT_STATEMENTS: readonly HotStatement[] = [
  {
    name: "session by token",
    text: "select user_id, expires_at from sessions where access_token_jti = $1 and expires_at > now()",
    values: (n) => [`jti${String(row(n))}`],
    user: owner,
  },
  {
    name: "sessions of a user",
    text: "select id, ip_address from sessions where user_id = $1 and expires_at > now() order by expires_at desc limit 20",
    values: (n) => [owner(n)],
    user: owner,
  },
  {
    name: "key by hash",
    text: "select id, user_id, scopes from api_keys where key_hash = encode(sha256($1::bytea), 'hex') and revoked_at is null",
    values: (n) => [`k${String(row(n))}`],
    user: owner,
  },
  {
    name: "record a key's use",
    text: "select record_api_key_use($1)",
    values: (n) => [id(3, row(n))],
    user: owner,
  },
  {
    name: "servers of an owner",
    text: "select id, name from servers where owner_id = $1 order by created_at desc, id desc limit 50",
    values: (n) => [owner(n)],
    user: owner,
  },
  {
    name: "servers by part of the name",
    text: "select id, name from servers where name like '%' || $1 || '%' order by created_at desc limit 50",
    values: (n) => [(n % 97).toString(16).padStart(2, "0") + "abc"],
    user: owner,
  },
  {
    name: "servers by a tag",
    text: "select id, name from servers where tags @> $1 order by created_at desc limit 50",
    values: (n) => [`["team${String(row(n) % 500)}"]`],
    user: owner,
  },
  {
    name: "login: insert a session",
    text: `insert into sessions (user_id, access_token_jti, refresh_token_hash, expires_at)
           values ($1, gen_random_uuid(), encode(sha256(uuid_send(gen_random_uuid())), 'hex'), now() + interval '1 day')`,
    values: (n) => [owner(n)],
    user: owner,
  },
  {
    name: "rate limit",
    text: "select allowed from take_rate_limit($1, 1000000)",
    values: (n) => [`api:${String(row(n) % 100)}`],
    user: owner,
  },
];
