import * as fs from "node:fs";
import * as path from "node:path";
import { loadModule, parseSync } from "libpg-query";
import { type Client, DatabaseError } from "pg";
import { classifyStatement } from "../../../../components/migrations/plan/classify-statement";
import { type MigrationScratch, startMigrationScratch } from "../../../support/migration-scratch";
import { EXAMPLES, REFUSED_IN_TRANSACTION, SETUP } from "./statement-kinds";

/** Parse tree nodes that are named like statements but cannot be in a file. */
const NO_STATEMENTS = [
  "PLAssignStmt",
  "RawStmt",
  "ReplicaIdentityStmt",
  "ReturnStmt",
  "SetOperationStmt",
];

/** SQLSTATE active_sql_transaction, and invalid_transaction_termination for statements that commit. */
const REFUSED = /^(25001|2D000)$/;
const NEEDS_TRANSACTION = "25P01";

let scratch: MigrationScratch;
let database: string;
beforeAll(async () => {
  await loadModule();
  scratch = await startMigrationScratch({ parameters: { allow_in_place_tablespaces: "on" } });
  database = await scratch.emptyDatabase();
  await scratch.session(database, (client) => client.query(SETUP));
});
afterAll(() => scratch.server.stop());

function of(kind: string): readonly string[] {
  return EXAMPLES.filter(([expected]) => expected === kind).map(([, sql]) => sql);
}

function read(sql: string): ReturnType<typeof classifyStatement> {
  const node = parseSync(sql).stmts?.[0]?.stmt;
  if (node === undefined) throw new Error(`no statement: ${sql}`);
  return classifyStatement(node, sql);
}

/** The server's SQLSTATE, or "done". */
async function answer(client: Client, sql: string): Promise<string> {
  try {
    await client.query(sql);
    return "done";
  } catch (error) {
    if (error instanceof DatabaseError) return `${String(error.code)} ${error.message}`;
    throw error;
  }
}

/** Result of the server in a transaction of two statements, which is rolled back. */
function inTransaction(sql: string): Promise<string> {
  return scratch.session(database, async (client) => {
    await client.query("prepare prepared as select 1; begin; select 1");
    const answered = await answer(client, sql);
    await client.query("rollback");
    return answered;
  });
}

function alone(sql: string, role = "postgres"): Promise<string> {
  return scratch.session(database, async (client) => {
    await client.query(`set role ${role}`);
    return answer(client, sql);
  });
}

it("statement kinds have an example of each statement of PostgreSQL", () => {
  const types = fs.readFileSync(
    path.join(path.dirname(require.resolve("@pgsql/types")), "types.d.ts"),
    "utf8",
  );
  const all = new Set(types.match(/\b[A-Z]\w*Stmt\b/g));
  NO_STATEMENTS.forEach((name) => all.delete(name));
  const shown = new Set(
    EXAMPLES.map(([, sql]) => Object.keys(parseSync(sql).stmts?.[0]?.stmt ?? {})[0] ?? ""),
  );
  expect([...all].filter((name) => !shown.has(name))).toEqual([]);
});

it.each(EXAMPLES)("statement is classified as %s: %s", (kind, sql) => {
  expect(read(sql).runs).toBe(kind);
});

/** Statements that the scratch server rejects for another reason, which is checked as well. */
const OTHER_REASONS: Readonly<Record<string, RegExp>> = {
  "alter type s.d set (receive = none)": /^42809/,
  "create transform for s.c language sql (from sql with function s.no(internal))": /^42883/,
  "fetch next from nothing": /^34000/,
  "import foreign schema a from server srv into s": /^55000/,
  "security label on table s.t is null": /^22023/,
};

it.each(of("inside"))("PostgreSQL accepts it in a transaction: %s", async (sql) => {
  expect(await inTransaction(sql)).toMatch(OTHER_REASONS[sql] ?? /^done$/);
});

it.each(["lock table s.t", "declare cur cursor for select 1"])(
  "PostgreSQL accepts it only in a transaction: %s",
  async (sql) => {
    expect(await alone(sql)).toContain(NEEDS_TRANSACTION);
  },
);

it.each(of("outside"))("PostgreSQL rejects it in a transaction, but not alone: %s", async (sql) => {
  expect((await inTransaction(sql)).split(" ")[0]).toMatch(REFUSED);
  expect((await alone(sql)).split(" ")[0]).not.toMatch(REFUSED);
});

it.each(of("either"))("PostgreSQL accepts it in a transaction and alone: %s", async (sql) => {
  expect(await inTransaction(sql)).toBe("done");
  expect(await alone(sql)).toBe("done");
});

it.each(REFUSED_IN_TRANSACTION)(
  "statement that may run either way is rejected by PostgreSQL in a transaction: %s",
  async (sql) => {
    expect(read(sql).runs).toBe("either");
    expect((await inTransaction(sql)).split(" ")[0]).toMatch(REFUSED);
    expect(await alone(sql)).toBe("done");
  },
);

it.each(of("never").filter((sql) => /database|tablespace|system/.test(sql)))(
  "PostgreSQL rejects it in a transaction, and alone for the owner: %s",
  async (sql) => {
    expect((await inTransaction(sql)).split(" ")[0]).toMatch(REFUSED);
    expect(await alone(sql, "owner")).toMatch(/^42501|^done/);
  },
);

it("discard all releases the migration lock", async () => {
  const kept = await scratch.session(database, async (client) => {
    await client.query("select pg_advisory_lock(1)");
    await client.query("discard all");
    return (await client.query("select from pg_locks where locktype = 'advisory'")).rowCount;
  });
  expect(kept).toBe(0);
});
