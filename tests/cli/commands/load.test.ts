/** `npm run load`: its refusals, and its results on real servers. */
import type { Client } from "pg";
import { type LoadCommand, runLoad } from "../../../cli/commands/load";
import { QueryStack } from "../../support/query-stack";
import { FakeEngine, fakeTerminal, OUTPUTS, planOf, row } from "../support/fakes";

jest.setTimeout(180_000);

const S: LoadCommand = { scale: "S", seed: 1, database: undefined };
const REF = { root: "/nowhere", stack: "trial" };

interface Run {
  readonly outputs?: object;
  readonly protect?: boolean;
  readonly json?: boolean;
}

/** Runs the command, and returns its output, its error, and the calls of the engine. */
async function load(command: Partial<LoadCommand>, run: Run) {
  const { protect = false, json = false, outputs } = run;
  const { terminal, out } = fakeTerminal({ json });
  const engine = new FakeEngine(
    planOf(
      row("delete", "pulumi-nodejs:dynamic:Resource", "pool-process"),
      row("delete", "pulumi-nodejs:dynamic/local:PostgresServer", "sark-server", { protect }),
    ),
    outputs === undefined ? {} : { outputs },
  );
  const failure = await runLoad({ ...S, ...command }, engine, REF, terminal).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { out: out(), failure, asked: engine.asked };
}

const refusal = (message: RegExp): unknown =>
  expect.objectContaining({ name: "UserError", message: expect.stringMatching(message) as string });

describe("load without a server", () => {
  const { sark, sark_audit } = OUTPUTS.servers;
  // Logins that cannot work: a connection attempt would fail with another error than these refusals.
  const servers = (changed: object) => ({ ...OUTPUTS, servers: { sark, sark_audit, ...changed } });

  it.each<[string, object, RegExp]>([
    [
      "on Kubernetes",
      servers({ sark: { ...sark, home: "kubernetes" } }),
      /^Stack trial has databases on other machines: sark \(kubernetes\)\. load only fills.*Nothing was changed\.$/,
    ],
    [
      "with both databases elsewhere",
      servers({
        sark: { ...sark, home: "aws" },
        sark_audit: { ...sark_audit, home: "external" },
      }),
      /^Stack trial has databases on other machines: sark \(aws\), sark_audit \(external\)\./,
    ],
    [
      "of the local home with an external server",
      servers({ sark_audit: { ...sark_audit, host: "db.example.com" } }),
      /^Stack trial has databases on other machines: sark_audit \(db\.example\.com\)\./,
    ],
  ])("refuses a stack %s, for either database", async (_what, outputs, message) => {
    for (const database of [undefined, "sark", "sark_audit"] as const) {
      const { failure, asked, out } = await load({ database }, { outputs });
      expect(failure).toEqual(refusal(message));
      expect(asked).toEqual([]);
      expect(out).toBe("");
    }
  });

  it("refuses a protected stack, and names the protected resources", async () => {
    const { failure, asked } = await load({}, { protect: true });
    expect(failure).toEqual(
      refusal(/^Stack trial is protected \(sark-server\)\. .*Nothing was changed\.$/),
    );
    // The stack was only planned.
    expect(asked).toEqual(["previewDestroy"]);
  });

  it("refuses a stack that is not up", async () => {
    expect((await load({}, { outputs: {} })).failure).toEqual(refusal(/npm run up/));
  });

  it("names the server that does not answer, without its password", async () => {
    const admin = { user: "postgres", password: "secret word", host: "127.0.0.1", port: 1 };
    const outputs = {
      ...OUTPUTS,
      logins: { sark_admin: { ...admin, database: "sark" } },
    };
    const { failure } = await load({ database: "sark" }, { outputs });
    expect(failure).toEqual(refusal(/^sark does not answer at 127\.0\.0\.1:1: .*ECONNREFUSED/));
    expect(String(failure)).not.toContain("secret word");
  });
});

describe("load on PostgreSQL and TimescaleDB", () => {
  let stack: QueryStack;
  let admin: Client;

  beforeAll(async () => {
    stack = await QueryStack.start();
    admin = await stack.sark.connect("postgres");
  });
  afterAll(() => stack.stop());

  const numbers = async (
    client: Client,
    sql: string,
  ): Promise<Readonly<Record<string, number>>> => {
    const { rows } = await client.query<{ name: string; n: string }>(sql);
    return Object.fromEntries(rows.map(({ name, n }) => [name, Number(n)]));
  };
  const counts = (client: Client, tables: readonly string[]) =>
    numbers(
      client,
      tables
        .map((table) => `select '${table}' as name, count(*) as n from public.${table}`)
        .join(" union all "),
    );

  const SARK = {
    users: 1_000,
    servers: 2_000,
    sessions: 5_000,
    policies: 40,
    policy_versions: 159,
    api_keys: 500,
    rate_limits: 2_000,
  };
  const AUDIT = { audit_events: 30_000, policy_evaluations: 30_000 };

  it("fills all tables of a database or none", async () => {
    await admin.query("alter table public.rate_limits add constraint full_up check (hits < 40)");
    const { failure } = await load({ database: "sark" }, { outputs: stack.outputs });
    expect(String(failure)).toContain("full_up");
    const left = await counts(admin, Object.keys(SARK));
    expect(Object.values(left)).toEqual(Object.values(SARK).map(() => 0));
    await admin.query("alter table public.rate_limits drop constraint full_up");
  });

  it("fills both databases with constraints checked, and reports the rows of each table", async () => {
    // As on an older stack: an earlier refresh of the aggregate must not hide rows that are loaded now.
    await stack.asAuditor((client) =>
      client.query(
        "call public.refresh_continuous_aggregate('public.hourly_audit_summary', null, now())",
      ),
    );
    const { failure, out } = await load({}, { outputs: stack.outputs, json: true });
    expect(failure).toBeUndefined();
    const said = JSON.parse(out) as {
      seed: number;
      loaded: Record<string, { table: string; rows: number }[]>;
    };
    const rowsOf = (database: string) =>
      Object.fromEntries((said.loaded[database] ?? []).map(({ table, rows }) => [table, rows]));
    expect(said.seed).toBe(1);
    expect(rowsOf("sark")).toEqual(SARK);
    expect(rowsOf("sark_audit")).toMatchObject(AUDIT);

    expect(await counts(admin, Object.keys(SARK))).toEqual(SARK);
    // The tables were analyzed.
    const known = `select relname as name, reltuples as n from pg_class where relname = any('{${Object.keys(SARK).join()}}')`;
    expect(await numbers(admin, known)).toEqual(SARK);
    // A policy is in force in the newest of its versions, and no counter is ahead of the clock.
    const wrong = await admin.query(`
      select from public.policies p where version <> (select max(version) from public.policy_versions v where v.policy_id = p.id)
      union all select from public.rate_limits where window_start > now()`);
    expect(wrong.rowCount).toBe(0);

    await stack.asAuditor(async (client) => {
      // Read once, since an hour may end between two queries.
      const [{ yesterday } = { yesterday: "" }] = (
        await client.query<{ yesterday: string }>(
          "select (now() - interval '1 day')::text as yesterday",
        )
      ).rows;
      const tables = Object.keys(rowsOf("sark_audit"));
      expect(await counts(client, tables)).toEqual(rowsOf("sark_audit"));
      const byType = (source: string): string =>
        `select event_type as name, ${source} and hour < '${yesterday}' group by 1`;
      const aggregate = await numbers(
        client,
        byType("sum(total_events) as n from public.hourly_audit_summary where true"),
      );
      const raw = await numbers(
        client,
        byType(
          "count(*) as n from (select event_type, public.time_bucket('1 hour', time) as hour from public.audit_events) e where true",
        ),
      );
      expect(Object.keys(raw).length).toBeGreaterThan(15);
      expect(aggregate).toEqual(raw);
      // Materialized, not computed from the rows at query time.
      const views = await client.query<{ name: string }>(
        `select format('%I.%I', materialization_hypertable_schema, materialization_hypertable_name) as name
           from timescaledb_information.continuous_aggregates`,
      );
      expect(views.rowCount).toBe(3);
      for (const { name } of views.rows) {
        expect((await client.query(`select from ${name} limit 1`)).rowCount).toBe(1);
      }
    });
  });

  it("refuses tables that hold rows, names all of them, and changes none", async () => {
    await admin.query("truncate public.sessions");
    const { failure } = await load({ seed: 2 }, { outputs: stack.outputs });
    expect(failure).toEqual(
      refusal(
        /^sark\.users, .*, sark_audit\.audit_events, .* already hold rows\..*Nothing was changed\..*npm run destroy/,
      ),
    );
    expect(String(failure)).not.toContain("sark.sessions");
    expect(await counts(admin, ["users", "sessions"])).toEqual({ users: 1_000, sessions: 0 });
  });

  it("checks both databases before it fills the first", async () => {
    // Policy versions are append-only, unless triggers are turned off.
    await admin.query("set session_replication_role = replica");
    await admin.query(`truncate public.${Object.keys(SARK).join(", public.")}`);
    await admin.query("reset session_replication_role");
    const { failure } = await load({}, { outputs: stack.outputs });
    expect(failure).toEqual(refusal(/^sark_audit\.audit_events, /));
    expect(await counts(admin, ["users"])).toEqual({ users: 0 });
    // With --database, only that one is checked.
    const { failure: none } = await load({ database: "sark" }, { outputs: stack.outputs });
    expect(none).toBeUndefined();
    expect(await counts(admin, Object.keys(SARK))).toEqual(SARK);
  });
});
