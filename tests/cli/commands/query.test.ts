import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot } from "../../../components/files/project-root";
import { type QueryCommand, runQuery } from "../../../cli/commands/query";
import { QueryStack } from "../../support/query-stack";
import { FakeEngine, fakeTerminal, OUTPUTS, planOf, scratchFolder } from "../support/fakes";

jest.setTimeout(120_000);

interface Run {
  readonly json?: boolean;
  readonly root?: string;
  readonly outputs?: object;
}

/** Runs the command, and returns its exit code and output. */
async function query(command: Partial<QueryCommand>, run: Run = {}) {
  const { json = false, root = projectRoot(), outputs } = run;
  const { terminal, out, err } = fakeTerminal({ json });
  const engine = new FakeEngine(planOf(), outputs === undefined ? {} : { outputs });
  const full: QueryCommand = { name: undefined, params: {}, yes: false, json, ...command };
  const code = await runQuery(full, engine, { root, stack: "local" }, terminal);
  return { code, out: out(), err: err() };
}

describe("query without a server", () => {
  it("lists all queries with their questions, by group", async () => {
    const { code, out } = await query({});
    expect(code).toBe(0);
    expect(out).toMatch(
      /^application\n {2}active-sessions-of-user {3,}Where is this user signed in\?\n/,
    );
    expect(out).toMatch(/\nmonitoring\n(.*\n)* {2}blocked-sessions {3,}Who waits for a lock/);
    expect(out).toMatch(/ {2}take-rate-limit .* \(--yes\)\n/);
    expect(out).toMatch(/\d+ names\. Run one with npm run query NAME/);
  });

  it("--json lists the queries without their SQL", async () => {
    const { out } = await query({}, { json: true });
    const { queries } = JSON.parse(out) as { queries: Record<string, unknown>[] };
    const found = queries.find(({ name }) => name === "user-by-email");
    expect(found).toMatchObject({ group: "application", login: "readonly", databases: ["sark"] });
    expect(found).not.toHaveProperty("sql");
  });

  it.each<[string, Partial<QueryCommand>, string]>([
    [
      "an unknown name",
      { name: "user-by-mail" },
      'no query "user-by-mail". Did you mean user-by-email?',
    ],
    [
      "a missing value",
      { name: "user-by-email" },
      "missing --param email=..., a value of type text: as it was typed",
    ],
    [
      "an ill-typed value",
      { name: "users-page", params: { rows: "all" } },
      'rows: got "all"; allowed: a whole number',
    ],
    [
      "an unknown parameter",
      { name: "users-page", params: { row: "1" } },
      "unknown parameter row; allowed: after_time, after_id, rows",
    ],
    [
      "a change without --yes",
      { name: "terminate-idle-connections" },
      "To run it: npm run query terminate-idle-connections -- --yes",
    ],
    [
      "a database that the query does not run on",
      { name: "chunks", database: "sark" },
      "chunks does not run on sark; allowed: sark_audit.",
    ],
  ])("refuses %s before it connects", async (_what, command, message) => {
    await expect(query(command)).rejects.toThrow(message);
    await expect(query(command)).rejects.toThrow(
      expect.objectContaining({ name: "UserError" }) as Error,
    );
  });

  it("reports an invalid query file by name", async () => {
    const root = scratchFolder();
    fs.mkdirSync(path.join(root, "sql/queries/a"), { recursive: true });
    fs.mkdirSync(path.join(root, "sql/maintenance"));
    fs.writeFileSync(path.join(root, "sql/queries/a/b.sql"), "select 1");
    await expect(query({}, { root })).rejects.toThrow(
      expect.objectContaining({
        name: "UserError",
        message: expect.stringContaining("a/b.sql") as string,
      }) as Error,
    );
  });

  it("reports each server that is down, and exits 1", async () => {
    const logins = ["sark", "sark_audit"].map((database) => [
      `${database}_monitor`,
      { database, user: "monitor", password: "secret word", host: "127.0.0.1", port: 1 },
    ]);
    const down = (server: object) => ({ ...server, port: 1 });
    const outputs = {
      ...OUTPUTS,
      servers: { sark: down(OUTPUTS.servers.sark), sark_audit: down(OUTPUTS.servers.sark_audit) },
      logins: Object.fromEntries(logins) as object,
    };
    const { code, out } = await query({ name: "database-sizes" }, { outputs });
    expect(code).toBe(1);
    expect(out).toBe(
      "sark\nFailed: connect ECONNREFUSED 127.0.0.1:1\n\nsark_audit\nFailed: connect ECONNREFUSED 127.0.0.1:1\n\n",
    );
    const { out: document } = await query({ name: "database-sizes" }, { outputs, json: true });
    expect(JSON.parse(document)).toEqual({
      query: "database-sizes",
      answers: [
        { database: "sark", error: "connect ECONNREFUSED 127.0.0.1:1" },
        { database: "sark_audit", error: "connect ECONNREFUSED 127.0.0.1:1" },
      ],
    });
  });
});

describe("query on real servers", () => {
  let stack: QueryStack;

  beforeAll(async () => {
    stack = await QueryStack.start();
    const admin = await stack.sark.connect("postgres");
    await admin.query(`
      insert into public.users (id, username, email, created_at) values
        ('00000000-0000-0000-0000-000000000001', e'line\\nbreak\\u001b[31m', 'a@example.com', '2026-01-02'),
        ('00000000-0000-0000-0000-000000000002', $$o'hara; drop table users --$$, 'b@example.com', '2026-01-01 12:00+02')`);
  });

  afterAll(() => stack.stop());

  it("prints an aligned table, with numbers to the right, nulls empty, and control characters escaped", async () => {
    const params = { rows: "1" };
    const { code, out, err } = await query(
      { name: "users-with-counts", params },
      { outputs: stack.outputs },
    );
    expect([code, err]).toEqual([0, ""]);
    expect(out.split("\n")).toEqual([
      "sark",
      "id                                    username              servers  sessions  created_at",
      "------------------------------------  --------------------  -------  --------  ----------------------",
      "00000000-0000-0000-0000-000000000001  line break\\u{1b}[31m        0         0  2026-01-02 00:00:00+00",
      "1 row",
      "",
      "",
    ]);
    const logins = await query({ name: "users-page" }, { outputs: stack.outputs });
    expect(logins.out).toMatch(
      /\no'hara|o'hara; drop table users -- +b@example\.com {2}t +f +2026-01-01 10:00:00\+00\n2 rows\n/,
    );
  });

  it("--json writes numbers, booleans and JSON with their own types", async () => {
    expect(await stack.rows("users-page", { rows: "1" })).toEqual([
      {
        id: "00000000-0000-0000-0000-000000000001",
        username: "line\nbreak\u001b[31m",
        email: "a@example.com",
        is_active: true,
        is_admin: false,
        last_login_at: null,
        created_at: "2026-01-02 00:00:00+00",
      },
    ]);
    expect(await stack.rows("users-with-counts", { rows: "1" })).toMatchObject([{ servers: 0 }]);
  });

  it("binds parameter values, so that they are never run as SQL", async () => {
    const rows = await stack.rows("user-by-username", { username: "O'Hara; DROP TABLE users --" });
    expect(rows).toMatchObject([{ id: "00000000-0000-0000-0000-000000000002" }]);
  });

  it("runs on each database of the query, or on the named one", async () => {
    const databases = async (more: Partial<QueryCommand>) =>
      (await stack.ask("database-sizes", {}, more)).map(({ database }) => database);
    expect(await databases({})).toEqual(["sark", "sark_audit"]);
    expect(await databases({ database: "sark_audit" })).toEqual(["sark_audit"]);
  });

  it("shows no password, and sets its application_name", async () => {
    const { out, err } = await query(
      { name: "connections-by-application" },
      { outputs: stack.outputs },
    );
    expect(out).toMatch(/sark query +sark_monitor +active +1/);
    expect(out + err).not.toContain(stack.sark.password);
  });

  describe("a query file", () => {
    const head = "--! database sark\n--! returns a\n";
    const run = (lines: string, sql: string) => {
      const root = scratchFolder();
      fs.mkdirSync(path.join(root, "sql/queries/a"), { recursive: true });
      fs.mkdirSync(path.join(root, "sql/maintenance"));
      fs.writeFileSync(
        path.join(root, "sql/queries/a/b.sql"),
        `${head}${lines}\n\n-- What?\n\n${sql}`,
      );
      return query({ name: "b", yes: true }, { root, outputs: stack.outputs, json: true });
    };

    it.each([
      [
        "without `changes` cannot write",
        "--! login app",
        "delete from public.sessions returning 1 as a",
        "cannot execute DELETE in a read-only transaction",
      ],
      [
        "is cancelled at its timeout",
        "--! login monitor\n--! timeout 50ms",
        "select pg_sleep(20) as a",
        "canceling statement due to statement timeout",
      ],
      [
        "with two statements is refused",
        "--! login monitor",
        "select 1 as a; select 2 as a",
        "cannot insert multiple commands into a prepared statement",
      ],
      [
        "cannot call a user's function by its short name",
        "--! login app",
        "select planted() as a",
        "function planted() does not exist",
      ],
      [
        "has only its login's privileges",
        "--! login monitor",
        "select username as a from public.users",
        "permission denied for table users",
      ],
    ])("%s", async (_what, lines, sql, error) => {
      const admin = await stack.sark.connect("postgres");
      await admin.query(
        "create or replace function public.planted() returns int return 1; grant execute on function public.planted() to public",
      );
      const { code, out } = await run(lines, sql);
      expect([code, JSON.parse(out)]).toEqual([
        1,
        { query: "b", answers: [{ database: "sark", error }] },
      ]);
    });

    it("with `changes` is committed", async () => {
      const { code, out } = await run(
        "--! login app\n--! changes",
        "delete from public.users where username like 'line%' returning username as a",
      );
      expect([code, JSON.parse(out)]).toMatchObject([
        0,
        { answers: [{ rows: [{ a: "line\nbreak\u001b[31m" }] }] },
      ]);
      expect(await stack.rows("users-page")).toHaveLength(1);
    });

    it("with the migrate login runs as the owner", async () => {
      const { out } = await run("--! login migrate", "select current_user::text as a");
      expect(JSON.parse(out)).toMatchObject({ answers: [{ rows: [{ a: "sark_owner" }] }] });
    });

    it("without result columns returns an empty result", async () => {
      const { code, out } = await run(
        "--! login maintain\n--! changes\n--! no-transaction",
        "vacuum public.users",
      );
      expect([code, JSON.parse(out)]).toEqual([
        0,
        { query: "b", answers: [{ database: "sark", columns: [], rows: [] }] },
      ]);
    });
  });
});
