/** Every file of sql/queries runs on a real server as its login, and returns its declared columns. */
import { parse } from "libpg-query";
import { bindQuery } from "../../components/queries/plan/bind-query";
import type { QueryFile } from "../../components/queries/plan/query-file";
import { projectRoot } from "../../components/files/project-root";
import { readQueries } from "../../components/queries/query-folder";
import { QueryStack } from "../support/query-stack";

jest.setTimeout(120_000);

const QUERIES = readQueries(projectRoot());
const NOBODY = "00000000-0000-0000-0000-000000000000";

/** Values of parameters without a default. */
const VALUES: Readonly<Record<string, string>> = {
  username: "ada",
  email: "ada@example.com",
  ldap_dn: "uid=ada,dc=example",
  jti: "jti",
  refresh_token_hash: "0".repeat(64),
  key_hash: "0".repeat(64),
  user_id: NOBODY,
  owner_id: NOBODY,
  audit_event_id: NOBODY,
  name: "billing",
  part: "prod",
  words: "production -test",
  tags: '["production"]',
  metadata: '{"region": "eu"}',
  details: '{"reason": "x"}',
  bucket: "login:203.0.113.7",
  max_hits: "5",
  event_type: "login",
  status: "denied",
  resource_type: "server",
  resource_id: "7",
  policy_name: "read",
  destination: "splunk",
};

let stack: QueryStack;

beforeAll(async () => {
  stack = await QueryStack.start();
});

afterAll(() => stack.stop());

function valuesFor({ parameters }: QueryFile): Record<string, string> {
  return Object.fromEntries(
    parameters
      .filter((each) => each.default === undefined)
      .map(({ name }) => [name, VALUES[name] ?? ""]),
  );
}

describe.each(QUERIES.map((query) => [query.name, query] as const))(
  "named query %s",
  (_name, query) => {
    test(`runs as ${query.login}, and returns its declared columns`, async () => {
      const answers = await stack.ask(query.name, valuesFor(query), { yes: true });
      expect(answers.map(({ database }) => database)).toEqual(query.databases);
      for (const { database, error, columns } of answers) {
        if (database === "sark_audit" && query.extensions.includes("pg_stat_statements")) {
          expect(error).toBe(
            "the query needs the extension pg_stat_statements, which this server does not have",
          );
        } else expect([database, error, columns]).toEqual([database, undefined, query.columns]);
      }
    });
  },
);

describe("named query files, checked without a server", () => {
  const parsed = new Map<QueryFile, Parsed>();

  beforeAll(async () => {
    for (const query of QUERIES) parsed.set(query, await parseQuery(query));
  });

  test.each(QUERIES.map((query) => [query.name, query] as const))(
    "%s is a single statement",
    (_name, query) => {
      expect(parsed.get(query)?.statements).toBe(1);
    },
  );

  // The maintenance job's own file is run by psql, with psql's search path.
  const own = QUERIES.filter(({ name }) => name !== "reindex-candidates");

  test.each(own.map((query) => [query.name, query] as const))(
    "%s qualifies every name with a schema",
    (_name, query) => {
      expect(parsed.get(query)?.unqualified).toEqual([]);
    },
  );

  const CHANGING =
    /terminate|cancel|reset|compress_chunk|drop_chunks|run_job|refresh|take_|record_|delete_|publish_|set_config/;

  test.each(QUERIES.map((query) => [query.name, query] as const))(
    "%s declares whether it changes data",
    (_name, query) => {
      const { kind, functions } = parsed.get(query) ?? {};
      const changing = functions?.filter((name) => CHANGING.test(name)) ?? [];
      expect(query.changes).toBe(kind !== "SelectStmt" || changing.length > 0);
    },
  );
});

interface Parsed {
  readonly statements: number;
  /** The node type of the first statement, such as `SelectStmt`. */
  readonly kind: string;
  readonly functions: readonly string[];
  /** Tables and functions without a schema, except a query's own CTEs. */
  readonly unqualified: readonly string[];
}

const AGGREGATES = ["count", "sum", "min", "max"];

async function parseQuery(query: QueryFile): Promise<Parsed> {
  const { text } = await bindQuery(query);
  const { stmts = [] } = await parse(text);
  const functions: string[] = [];
  const tables: string[] = [];
  const made = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    for (const [key, value] of Object.entries(node) as [string, unknown][]) {
      if (key === "FuncCall") functions.push(nameIn(value));
      else if (key === "RangeVar" || key === "relation") tables.push(tableIn(value));
      else if (key === "CommonTableExpr") made.add(String(property(value, "ctename")));
      visit(value);
    }
  };
  visit(stmts);
  const [first] = stmts;
  return {
    statements: stmts.length,
    kind: Object.keys(first?.stmt ?? {})[0] ?? "",
    functions,
    unqualified: [
      ...functions.filter((name) => !name.includes(".") && !AGGREGATES.includes(name)),
      ...tables.filter((name) => !name.includes(".") && !made.has(name)),
    ],
  };
}

function nameIn(call: unknown): string {
  const parts = property(call, "funcname");
  if (!Array.isArray(parts)) throw new Error("a call of nothing");
  return parts.map((part) => String(property(property(part, "String"), "sval"))).join(".");
}

function tableIn(range: unknown): string {
  const schema = property(range, "schemaname");
  const name = String(property(range, "relname"));
  return typeof schema === "string" ? `${schema}.${name}` : name;
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
