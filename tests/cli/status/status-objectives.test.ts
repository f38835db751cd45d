/** Objectives as `status` reads them from a real PostgreSQL and a real TimescaleDB with the schema. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../../components/files/project-root";
import type { StackOutputs } from "../../../components/outputs/outputs";
import { runStatus, type StatusOptions } from "../../../cli/status/status";
import type { DatabaseName } from "../../../components/roles/plan/role-plan";
import { migrationFiles } from "../../../scratch/migrated";
import { QueryStack } from "../../support/query-stack";
import { FakeEngine, fakeTerminal, planOf } from "../support/fakes";

jest.setTimeout(120_000);

interface Objective {
  readonly name: string;
  readonly state: string;
  readonly value: number | null;
  readonly reason?: string;
}

interface Document {
  readonly servers: readonly { readonly name: string; readonly objectives: Objective[] }[];
  readonly problems: readonly string[];
}

let stack: QueryStack;
beforeAll(async () => {
  stack = await QueryStack.start();
  await (await stack.sark.connect("postgres")).query(ledger("sark"));
  await stack.asAuditor((client) => client.query(ledger("sark_audit")));
});
afterAll(() => stack.stop());

/** The ledger, as the migration runner would leave it. */
function ledger(database: DatabaseName): string {
  const files = migrationFiles(database).map(({ name }) => `('${name}', '', 0)`);
  return `insert into sark_migrations.applied (name, hash, duration_ms) values ${files.join(", ")}`;
}

/** The outputs of a stack whose servers have no limits of their own. */
function outputs(more: Partial<StackOutputs> = {}): StackOutputs {
  const { sark, sark_audit: audit } = stack.outputs.servers;
  if (sark === undefined || audit === undefined) throw new Error("the stack has two servers");
  const servers = {
    sark: { ...sark, budget: 60 },
    sark_audit: { ...audit, lacks: ["backgroundJobs", "statistics"] as const },
  };
  return { ...stack.outputs, servers, ...more };
}

async function run(json: boolean, given: StackOutputs, options: StatusOptions = {}) {
  const { terminal, out } = fakeTerminal({ json });
  const engine = new FakeEngine(planOf(), { outputs: given });
  const ref = { root: projectRoot(), stack: "local" };
  return { code: await runStatus(engine, ref, terminal, options), text: out() };
}

async function status(given = outputs()) {
  const { code, text } = await run(true, given);
  const document = JSON.parse(text) as Document;
  const find = (server: string, name: string) =>
    document.servers
      .find((each) => each.name === server)
      ?.objectives.find((each) => each.name === name);
  return { code, document, find };
}

describe("status of a healthy stack", () => {
  it("has each objective of the primary, and none about replicas that it does not have", async () => {
    const { code, document, find } = await status();
    expect(code).toBe(0);
    expect(document.problems).toEqual([]);
    expect(find("sark", "server-down")).toEqual({
      name: "server-down",
      state: "good",
      value: 1,
      target: null,
      critical: 1,
      unit: "count",
      query: "server-metrics",
      labels: {},
    });
    expect(find("sark", "pending-migrations")).toMatchObject({ state: "good", value: 0 });
    expect(find("sark_audit", "job-failing")).toMatchObject({ state: "good", value: 0 });
    expect(find("sark", "replica-lag")).toBeUndefined();
    expect(find("sark", "replicas-missing")).toBeUndefined();
    expect(find("sark_audit", "job-late")).toBeUndefined();
    const unread = document.servers.flatMap(({ objectives }) =>
      objectives.filter(({ reason }) => reason !== undefined),
    );
    expect(unread).toEqual([]);
  });

  it("counts the two sessions of this test, and not its own", async () => {
    const value = expect.closeTo(2 / 97) as number;
    expect((await status()).find("sark", "connections")).toMatchObject({ value });
  });

  it("fits on ten lines", async () => {
    const { text } = await run(false, outputs());
    expect(text).toMatch(/\nobjectives {2}\d+ good/);
    expect(text).toMatch(/\n\nAll healthy\.\n$/);
    // The first line of the command, with engine and stack, comes before.
    expect(text.trimEnd().split("\n").length).toBeLessThan(10);
  });
});

it("status shows a missed objective, exits 0 with a warning, and 1 if it is critical", async () => {
  const admin = await stack.sark.connect("postgres");
  await admin.query("create table public.twice (n int)");
  await admin.query("insert into public.twice values (1), (1)");
  await expect(admin.query("create unique index concurrently on public.twice (n)")).rejects.toThrow(
    "could not create unique index",
  );
  try {
    const { code, text } = await run(false, outputs());
    expect(text).toMatch(
      /\n {2}warning {2}invalid-indexes {2}1 {2}at most 0 {2}npm run query invalid-indexes\n/,
    );
    expect(text).toContain("No problems: 1 warning, ");
    expect(code).toBe(0);
    const limits = { objectives: { "invalid-indexes": { critical: 0 } } };
    const strict = await status(outputs(limits));
    expect(strict.find("sark", "invalid-indexes")).toMatchObject({
      state: "critical",
      critical: 0,
    });
    expect(strict.code).toBe(1);
    const lenient = await status(outputs({ objectives: { "invalid-indexes": { target: 1 } } }));
    expect(lenient.find("sark", "invalid-indexes")).toMatchObject({ state: "good", target: 1 });
  } finally {
    await admin.query("drop table public.twice");
  }
});

it("a metric query that fails hides no other", async () => {
  const holder = await stack.sark.connect("postgres");
  await holder.query("create index held on public.users (created_at)");
  await holder.query("begin; drop index public.held");
  await stack.asAuditor((client) =>
    client.query("alter function public.audit_freshness() rename to not_yet"),
  );
  try {
    const { code, document, find } = await status();
    expect(find("sark_audit", "audit-silent")).toMatchObject({
      state: "unknown",
      reason: "trail-metrics: function public.audit_freshness() does not exist",
    });
    expect(find("sark", "unused-indexes")).toMatchObject({
      state: "unknown",
      reason: "index-metrics: canceling statement due to lock timeout",
    });
    expect(find("sark", "transaction-ids")).toMatchObject({ state: "good" });
    expect(find("sark_audit", "unfinished-migration")).toMatchObject({ state: "good" });
    expect(document.problems).toEqual([]);
    expect(code).toBe(0);
  } finally {
    await holder.query("rollback; drop index public.held");
    await stack.asAuditor((client) =>
      client.query("alter function public.not_yet() rename to audit_freshness"),
    );
  }
});

it("pending migrations are said once", async () => {
  const given = outputs();
  const { sark } = given.servers;
  if (sark === undefined) throw new Error("there is a server");
  const migrations = [...sark.migrations, "000099_later.sql"];
  const servers = { sark: { ...sark, migrations } };
  const { code, text } = await run(false, { ...given, servers });
  expect(text).toContain("Problem: sark: 1 migration pending (000099_later.sql)");
  expect(text).not.toContain("pending-migrations");
  expect(code).toBe(1);
});

it("--watch repeats until interrupted, one document a line, and --html draws the readings", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sark-status-"));
  const html = join(folder, "status.html");
  try {
    const stop = new AbortController();
    const watched = run(true, outputs(), { watch: 1, html, signal: stop.signal });
    while (!existsSync(html) || !readFileSync(html, "utf8").includes("<svg")) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    stop.abort();
    const { code, text } = await watched;
    const documents = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Document);
    expect(documents.length).toBeGreaterThan(1);
    expect(documents.map(({ problems }) => problems)).toEqual(documents.map(() => []));
    expect(code).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
