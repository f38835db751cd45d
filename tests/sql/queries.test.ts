/**
 * The hot queries of `sark`, as prepared statements on generated data: the index that each uses and the pages it
 * touches, with custom and generic plans. The queries of `sark_audit` are in queries-audit.
 */
import type { Client } from "pg";
import { bindQuery, valuesFor as queryValues } from "../../components/queries/plan/bind-query";
import { projectRoot } from "../../components/files/project-root";
import { copyOver, loadTable } from "../../data/load-table";
import { tablesOf } from "../../data/tables";
import { findQuery } from "../../cli/commands/query-files";
import { readQueries } from "../../components/queries/query-folder";
import { planOf, valueOf } from "../support/expect-sql";
import { HOT_QUERIES, type HotQuery, SIZES } from "../support/hot-queries";
import { migratedSark, type TestServer } from "../../scratch/migrated";
import { type MeasuredPlan, measurePlan, PLAN_MODES, type PlanMode } from "../support/query-plan";

const QUERIES = readQueries(projectRoot());

let server: TestServer;
let admin: Client;
const logins = new Map<string, Client>();

beforeAll(async () => {
  // Planner costs of an SSD, as the stack's tuning sets them.
  server = await migratedSark({ random_page_cost: "1.1" });
  admin = await server.connect("postgres");
  await admin.query("begin");
  for (const table of tablesOf("sark", { scale: "S", seed: 7, now: new Date(), sizes: SIZES })) {
    await loadTable(copyOver(admin), table);
  }
  await admin.query("commit");
  await admin.query("vacuum analyze");
  for (const login of ["app", "readonly"]) {
    logins.set(login, await server.connect(`sark_${login}_a`));
  }
}, 120_000);

afterAll(() => server.stop());

const PAGES = [
  "active-sessions-of-user",
  "api-keys-of-user",
  "servers-of-owner",
  "servers-page",
  "servers-seen-lately",
  "users-page",
  "recent-logins",
];

/** Reports, which read a whole index: tested below. */
const REPORTS = ["owners-with-most-servers"];

test("the table of hot queries holds each query of the application", () => {
  const application = QUERIES.filter(({ group }) => group === "application").map(
    ({ name }) => name,
  );
  expect([...new Set(HOT_QUERIES.map(({ query }) => query)), ...REPORTS].sort()).toEqual(
    application.sort(),
  );
});

const CASES = HOT_QUERIES.flatMap((hot) =>
  PLAN_MODES.filter((mode) => mode !== "force_generic_plan" || !hot.search).map(
    (mode) => [hot.query, mode, hot] as const,
  ),
);

test.each(CASES)(
  "%s, planned by %s, uses its indexes and touches few pages",
  async (name, mode, hot) => {
    const plan = await measure(name, await valuesOf(hot.values), mode);
    expect([...new Set(plan.indexes)].sort()).toEqual([...hot.indexes].sort());
    expect(plan.nodes).not.toContain("Seq Scan");
    expect(plan.pages).toBeLessThanOrEqual(hot.pages);
    if (hot.rows !== undefined) expect(plan.rows).toBe(hot.rows);
  },
);

async function valuesOf(values: HotQuery["values"]): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, sql] of Object.entries(values)) {
    found[name] = String(await valueOf(admin, `select v::text from (${sql}) as a (v)`));
  }
  return found;
}

function measure(
  name: string,
  values: Readonly<Record<string, string>>,
  mode: PlanMode,
): Promise<MeasuredPlan> {
  const query = findQuery(QUERIES, name);
  const client = logins.get(query.login);
  if (client === undefined) throw new Error(`no session as ${query.login}`);
  const rows = async (text: string) => (await client.query<Record<string, unknown>>(text)).rows;
  return measurePlan({ rows }, query, values, mode);
}

// In the order of its index, a page needs no sort.
test.each(
  HOT_QUERIES.filter(({ query }) => PAGES.includes(query)).map((hot) => [hot.query, hot] as const),
)("%s comes from its index without a sort", async (name, { values }) => {
  const { nodes } = await measure(name, await valuesOf(values), "auto");
  expect(nodes).toEqual(["Limit", "Index Scan"]);
});

test("the query of the owners with most servers counts in an index before it joins", async () => {
  const { nodes, indexes, tree } = await measure("owners-with-most-servers", {}, "auto");
  expect(indexes).toContain("servers_owner_id_created_at_id_idx");
  expect(nodes).toContain("Index Only Scan");
  const join = tree.Plans?.[0]?.Plans?.[0];
  expect(join?.["Node Type"]).toMatch(/Join|Nested Loop/);
  expect(join?.["Actual Rows"]).toBeLessThanOrEqual(SIZES.users);
});

const NOBODY = "'00000000-0000-0000-0000-000000000000'";

// Queries of functions and foreign keys.
test.each([
  [
    "batch of expired sessions",
    "select id from public.sessions where expires_at <= now() order by expires_at limit 100 for update skip locked",
    "sessions_expires_at_idx",
  ],
  [
    "removal of a user: sessions",
    `select from public.sessions where user_id = ${NOBODY}`,
    "sessions_user_id_expires_at_idx",
  ],
  [
    "removal of a user: keys",
    `select from public.api_keys where user_id = ${NOBODY}`,
    "api_keys_user_id_created_at_id_idx",
  ],
  [
    "removal of a user: servers",
    `select from public.servers where owner_id = ${NOBODY}`,
    "servers_owner_id_created_at_id_idx",
  ],
])("%s uses its index", async (_name, statement, index) => {
  const { indexes, nodes } = await planOf(admin, statement);
  expect([...new Set(indexes)]).toEqual([index]);
  expect(nodes).not.toContain("Seq Scan");
});

describe("answers of the hot queries", () => {
  const run = async (name: string, values: Readonly<Record<string, string>>) => {
    const query = findQuery(QUERIES, name);
    const bound = await bindQuery(query);
    const { rows } = await admin.query<Record<string, string>>(bound.text, [
      ...queryValues(query, bound, values),
    ]);
    return rows;
  };

  test("cover every server once when paged by key, also with equal times", async () => {
    await admin.query("update public.servers set created_at = date_trunc('year', created_at)");
    const seen = new Set<string>();
    let after: Record<string, string> = {};
    for (;;) {
      const rows = await run("servers-page", { ...after, rows: "4000" });
      rows.forEach(({ id = "" }) => seen.add(id));
      const last = rows.at(-1);
      if (last === undefined) break;
      const at = await valueOf(admin, "select created_at::text from public.servers where id = $1", [
        last["id"],
      ]);
      after = { after_time: String(at), after_id: last["id"] ?? "" };
    }
    expect(seen.size).toBe(SIZES.servers);
  });

  test("separate word search from substring search, and treat a wildcard as text", async () => {
    await admin.query(`
      insert into public.servers (name, endpoint, api_key_hash, owner_id)
      select v.name, v.endpoint, 'x', (select min(id::text)::uuid from public.users)
        from (values ('quokka-gateway', 'https://one.example.com'), ('plain', 'https://quokka.example.com/mcp'),
                     ('prequokka-gateway', 'https://two.example.com'), ('50%_off', 'https://three.example.com')) as v (name, endpoint)`);
    const names = async (query: string, values: Record<string, string>): Promise<unknown[]> =>
      (await run(query, values)).map(({ name }) => name).sort();
    expect(await names("servers-by-words", { words: "quokka" })).toEqual([
      "plain",
      "quokka-gateway",
    ]);
    const url = { words: "https://quokka.example.com/mcp" };
    expect(await names("servers-by-words", url)).toEqual(["plain"]);
    expect(await names("servers-by-words", { words: "Gateways, quokka!" })).toEqual([
      "quokka-gateway",
    ]);
    expect(await names("servers-by-substring", { part: "quokka" })).toEqual([
      "plain",
      "prequokka-gateway",
      "quokka-gateway",
    ]);
    expect(await names("servers-by-substring", { part: "0%_o" })).toEqual(["50%_off"]);
    expect(await names("servers-by-substring", { part: "quo_ka" })).toEqual([]);
  });

  test("do not multiply the counts of a page's users", async () => {
    const [row] = await run("users-with-counts", { rows: "1" });
    const count = (table: string, key: string) =>
      valueOf(admin, `select count(*) from public.${table} where ${key} = $1`, [row?.["id"]]);
    await admin.query(
      `insert into public.servers (name, endpoint, api_key_hash, owner_id) select 'a', 'b', 'c', $1 from generate_series(1, 3)`,
      [row?.["id"]],
    );
    await admin.query(
      `insert into public.sessions (user_id, access_token_jti, refresh_token_hash, expires_at)
       select $1, g::text, encode(sha256(g::text::bytea), 'hex'), now() from generate_series(1, 5) as g`,
      [row?.["id"]],
    );
    const [after] = await run("users-with-counts", { rows: "1" });
    expect(after).toMatchObject({
      servers: await count("servers", "owner_id"),
      sessions: await count("sessions", "user_id"),
    });
    expect([Number(after?.["servers"]) >= 3, Number(after?.["sessions"]) >= 5]).toEqual([
      true,
      true,
    ]);
  });
});
