/** Maximum cost of each hot query of `sark`, used by tests/sql/queries. */

/** Tables are so large that reading all rows costs ten times as much as a page or a search. */
export const SIZES = {
  users: 5_000,
  servers: 20_000,
  sessions: 20_000,
  apiKeys: 5_000,
  policies: 1_000,
} as const;

export interface HotQuery {
  readonly query: string;
  /** Maximum pages that it touches, in shared_buffers or not. */
  readonly pages: number;
  /** All indexes that it uses; it uses no sequential scan. */
  readonly indexes: readonly string[];
  /** Values for parameters, as SQL. */
  readonly values: Readonly<Record<string, string>>;
  /** Rows that it returns, if the values determine them. */
  readonly rows?: number;
  /**
   * The best plan of a search depends on the number of matches, which a generic plan cannot know. The server does not
   * choose a generic plan by itself, and must not be told to.
   */
  readonly search?: boolean;
}

/** Pages from the root of a B-tree to a leaf: 2 at this size, 3 up to some millions of entries. */
const DEPTH = 3;

/** One entry by its key, with its row. */
const LOOKUP = DEPTH + 1;

/** Neighbouring entries, perhaps in two leaves, each with its row in its own page. */
const page = (rows: number): number => DEPTH + 1 + rows;

/** Entries of a GIN index with their lists of rows, then the rows. */
const gin = (entries: number, rows: number): number => entries * (DEPTH + 1) + rows;

const NONE = {};
const MOST = "group by 1 order by count(*) desc limit 1";
const owner_id = `select owner_id from public.servers ${MOST}`;
const after_time = "select created_at from public.servers order by created_at offset 10000 limit 1";
const LIVE = `from public.sessions as s join public.users as u on u.id = s.user_id
  where s.expires_at > now() and u.is_active limit 1`;
const GOOD_KEY = `select k.key_hash from public.api_keys as k join public.users as u on u.id = k.user_id
  where revoked_at is null and (expires_at is null or expires_at > now()) and u.is_active limit 1`;
const ONE_SERVER = "from public.servers where name like '%-12345'";
const RARE_TAGS = "select tags from public.servers group by 1 order by count(*), tags limit 1";

const one = (value: string, table: string): string =>
  `select ${value} from public.${table} where is_active limit 1`;

export const HOT_QUERIES: readonly HotQuery[] = [
  // Log-in.
  hot("user-by-username", LOOKUP, ["users_username_lower_key"], {
    username: one("upper(username)", "users"),
  }).finding(1),
  hot("user-by-email", LOOKUP, ["users_email_lower_key"], {
    email: one("upper(email)", "users"),
  }).finding(1),
  hot("user-by-ldap-dn", LOOKUP, ["users_ldap_dn_key"], {
    ldap_dn: "select ldap_dn from public.users where is_active and ldap_dn is not null limit 1",
  }).finding(1),
  // Every request.
  hot("session-by-access-token", 2 * LOOKUP, ["sessions_access_token_jti_key", "users_pkey"], {
    jti: `select access_token_jti ${LIVE}`,
  }).finding(1),
  hot("session-by-refresh-token", 2 * LOOKUP, ["sessions_refresh_token_hash_key", "users_pkey"], {
    refresh_token_hash: `select refresh_token_hash ${LIVE}`,
  }).finding(1),
  hot("api-key-by-hash", 2 * LOOKUP, ["api_keys_key_hash_key", "users_pkey"], {
    key_hash: GOOD_KEY,
  }).finding(1),
  hot("policy-in-force", 2 * LOOKUP, ["policies_name_key", "policy_versions_pkey"], {
    name: one("name", "policies"),
  }).finding(1),
  // A look-up, and a HOT update, which changes no index. The plan is the function's own.
  hot("take-rate-limit", 2 * LOOKUP, [], {
    bucket: "select bucket from public.rate_limits limit 1",
    max_hits: "select 1000000",
  }).finding(1),
  // Pages in the order of their index.
  hot("active-sessions-of-user", page(50), ["sessions_user_id_expires_at_idx"], {
    user_id: `select user_id from public.sessions where expires_at > now() ${MOST}`,
  }),
  hot("api-keys-of-user", page(20), ["api_keys_user_id_created_at_id_idx"], {
    user_id: `select user_id from public.api_keys ${MOST}`,
  }),
  hot("servers-of-owner", page(20), ["servers_owner_id_created_at_id_idx"], {
    owner_id,
  }).finding(20),
  hot("servers-of-owner", page(20), ["servers_owner_id_created_at_id_idx"], {
    owner_id,
    after_time,
  }).finding(20),
  hot("servers-page", page(20), ["servers_created_at_id_idx"], NONE).finding(20),
  hot("servers-page", page(20), ["servers_created_at_id_idx"], { after_time }).finding(20),
  hot("servers-seen-lately", page(20), ["servers_last_seen_at_idx"], NONE).finding(20),
  hot("users-page", page(20), ["users_created_at_id_idx"], NONE).finding(20),
  hot("recent-logins", page(20), ["users_last_login_at_id_idx"], NONE).finding(20),
  hot("server-by-name", LOOKUP, ["servers_name_idx"], {
    name: `select name ${ONE_SERVER}`,
  }).finding(1),
  // One user in a hundred is an administrator.
  hot("administrators", page(SIZES.users / 50), ["users_active_admins_idx"], NONE),
  // The policy, its versions, and the author of each.
  hot(
    "policy-history",
    LOOKUP + page(20) + 20 * LOOKUP,
    ["policies_name_key", "policy_versions_pkey", "users_pkey"],
    { name: one("name", "policies") },
  ),
  // At most every other active user has no session.
  hot(
    "users-signed-in",
    page(40) + 40 * DEPTH,
    ["sessions_user_id_expires_at_idx", "users_created_at_id_idx"],
    NONE,
  ).finding(20),
  hot(
    "users-with-counts",
    page(20) + 20 * 2 * (DEPTH + 1),
    [
      "servers_owner_id_created_at_id_idx",
      "sessions_user_id_expires_at_idx",
      "users_created_at_id_idx",
    ],
    NONE,
  ).finding(20),
  // Searches with few matches: six trigrams in each of two columns, most of which a dozen servers
  // have; five words, of which one server has all; up to four tags, or keys with their values.
  search("servers-by-substring", gin(2 * 6, 12), "servers_name_endpoint_trgm_idx", {
    part: "select '-12345'",
  }),
  search("servers-by-words", gin(5, 1), "servers_search_vector_idx", {
    words: `select name ${ONE_SERVER}`,
  }),
  search("servers-by-tag", gin(4, 20), "servers_tags_idx", { tags: RARE_TAGS }),
  search("servers-by-metadata", gin(4, 10), "servers_metadata_idx", {
    metadata: `select metadata ${ONE_SERVER}`,
  }),
  // Searches that match at least a tenth: the newest rows are read until the page is full.
  search("servers-by-substring", page(200), "servers_created_at_id_idx", {
    part: "select 'prod'",
  }).finding(20),
  search("servers-by-words", page(200), "servers_created_at_id_idx", {
    words: "select 'production'",
  }).finding(20),
  search("servers-by-tag", page(200), "servers_created_at_id_idx", {
    tags: `select '["production"]'`,
  }).finding(20),
  search("servers-by-metadata", page(200), "servers_created_at_id_idx", {
    metadata: `select '{"region": "eu-west"}'`,
  }).finding(20),
];

interface Building extends HotQuery {
  finding(rows: number): HotQuery;
}

function hot(
  query: string,
  pages: number,
  indexes: readonly string[],
  values: HotQuery["values"],
): Building {
  const built = { query, pages, indexes, values };
  return { ...built, finding: (rows) => ({ ...built, rows }) };
}

function search(query: string, pages: number, index: string, values: HotQuery["values"]): Building {
  const built = { query, pages, indexes: [index], values, search: true };
  return { ...built, finding: (rows) => ({ ...built, rows }) };
}
