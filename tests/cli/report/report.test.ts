import type { PlannedResource } from "../../../engine/engine";
import { printPlan, summaryLine } from "../../../cli/report/report-plan";
import { ProgressReport } from "../../../cli/report/report-progress";
import { printSummary } from "../../../cli/report/report-summary";
import { Terminal } from "../../../cli/report/terminal";
import { readOutputs } from "../../../engine/read-outputs";
import { PassThrough } from "node:stream";
import { OUTPUTS, PASSWORD, fakeTerminal, planOf, row } from "../support/fakes";

const SERVER = "pulumi-nodejs:dynamic/local:PostgresServer";
const ROLE = "postgresql:index/role:Role";

function printed(...resources: readonly PlannedResource[]): string {
  const { terminal, out } = fakeTerminal();
  printPlan(planOf(...resources), terminal, false);
  return out();
}

describe("a plan", () => {
  it("shows one line for each resource, with its changes and whether they restart the server", () => {
    const changes = [
      { path: "parameters.reload.work_mem", from: "4MB", to: "8MB" },
      { path: "parameters.restart.shared_buffers", from: "128MB", to: "2GB" },
    ];
    expect(
      printed(
        row("update", SERVER, "sark-primary", { changes }),
        row("create", ROLE, "sark_owner"),
        row("same", SERVER, "sark-replica"),
      ),
    ).toBe(`  + Role            sark_owner
  ~ PostgresServer  sark-primary
      parameters.reload.work_mem: 4MB -> 8MB
      parameters.restart.shared_buffers: 128MB -> 2GB   (restart)

Plan: 1 to create, 1 to update, 1 unchanged. Restarts sark-primary.
`);
  });

  it("shows only `will be started` for a server that is down", () => {
    const changes = [{ path: "starts", from: "1", to: "2" }];
    expect(printed(row("update", SERVER, "sark-primary", { changes }))).toContain(
      "~ PostgresServer  sark-primary\n      is down: will be started\n",
    );
  });

  it("of a destroy distinguishes deleted and left-behind resources", () => {
    const staying = (type: string, name: string) => {
      const made = row("delete", type, name);
      return { ...made, options: { ...made.options, retainOnDelete: true } };
    };
    const CLUSTER = "kubernetes:postgresql.cnpg.io/v1:Cluster";
    expect(
      printed(
        row("delete", ROLE, "sark_owner"),
        staying(CLUSTER, "sark-cluster"),
        row("delete", CLUSTER, "sark-cluster-old"),
        staying("kubernetes:postgresql.cnpg.io/v1:ScheduledBackup", "sark-backups"),
      ),
    ).toBe(`  - Role             sark_owner
  - Cluster          sark-cluster-old
  = Cluster          sark-cluster   (left behind)
  = ScheduledBackup  sark-backups   (left behind)

Plan: 2 to delete, 2 to leave behind.
`);
    expect(printed(staying(CLUSTER, "sark-cluster"))).toContain("\nPlan: 1 to leave behind.\n");
    expect(printed(...["a", "b", "c", "d", "e"].map((name) => staying(ROLE, name)))).toContain(
      "  = Role  a, b, c, d, e   (left behind)\n",
    );
  });

  it("names the migrations that a first run applies", () => {
    const files = { "000001_users.sql": "hash", "000002_servers.sql": "hash" };
    const inputs = { directory: "sql/sark", files };
    const type = "pulumi-nodejs:dynamic/database:Migrations";
    expect(printed(row("create", type, "sark-migrations", { inputs }))).toContain(
      "\nPending migrations: sark 000001_users.sql, 000002_servers.sql\n",
    );
  });

  it("names new migrations, in one line for each database", () => {
    const type = "pulumi-nodejs:dynamic/database:Migrations";
    const updated = (database: string, ...added: readonly string[]) =>
      row("update", type, `${database}-migrations`, {
        inputs: {
          directory: `sql/${database}`,
          files: Object.fromEntries(["000001_a.sql", ...added].map((name) => [name, "hash"])),
        },
        changes: [
          { path: "dumpHash", from: "old", to: "new" },
          ...added.map((name) => ({ path: `files["${name}"]`, from: "(not set)", to: "hash" })),
        ],
      });
    const text = printed(
      updated("sark", "000002_b.sql", "000003_c.sql"),
      updated("sark_audit", "000002_d.sql"),
      updated("other"),
    );
    expect(text.match(/^Pending migrations: .*$/gm)).toEqual([
      "Pending migrations: sark 000002_b.sql, 000003_c.sql",
      "Pending migrations: sark_audit 000002_d.sql",
    ]);
  });

  it("shows only the number, first and last of many migrations", () => {
    const type = "pulumi-nodejs:dynamic/database:Migrations";
    const pending = (count: number) => {
      const names = Array.from({ length: count }, (_, at) => `${String(100_001 + at)}_a.sql`);
      const files = Object.fromEntries(names.map((name) => [name, "hash"]));
      return printed(row("create", type, "m", { inputs: { directory: "sql/sark", files } }));
    };
    expect(pending(4)).toContain(
      "migrations: sark 100001_a.sql, 100002_a.sql, 100003_a.sql, 100004_a.sql\n",
    );
    expect(pending(5)).toContain("migrations: sark 5 files, 100001_a.sql to 100005_a.sql\n");
    expect(pending(300)).toContain("migrations: sark 300 files, 100001_a.sql to 100300_a.sql\n");
  });

  it("warns of a replacement only if it loses data", () => {
    const changes = [{ path: "port", from: "1", to: "2" }];
    expect(printed(row("replace", SERVER, "sark", { changes }))).toContain(
      "port: 1 -> 2\n      replaced: its data is lost",
    );
    expect(printed(row("replace", ROLE, "sark_app", { changes }))).not.toContain("lost");
  });

  it("says if a server's data is missing", () => {
    const changes = [{ path: "starts", from: "1", to: "2" }];
    expect(printed(row("replace", SERVER, "sark", { changes }))).toContain("data is missing");
  });

  it("ends with the names of the servers that restart", () => {
    const changes = [{ path: "parameters.restart.wal_buffers", from: "4MB", to: "8MB" }];
    expect(printed(row("update", SERVER, "sark", { changes }))).toMatch(
      /Plan: 1 to update\. Restarts sark\.$/m,
    );
  });

  it("puts many resources of one type on one line, no wider than the screen", () => {
    const names = Array.from({ length: 40 }, (_, index) => `role_number_${index}`);
    const lines = printed(...names.map((name) => row("create", ROLE, name))).split("\n");
    expect(lines[0]).toMatch(/^ {2}\+ Role {2}role_number_0, role_number_1, .* and \d+ more$/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(lines.at(-2)).toBe("Plan: 40 to create.");
  });

  it("names all of many resources if `whole` is set", () => {
    const names = Array.from({ length: 20 }, (_, index) => `role_number_${index}`);
    const { terminal, out } = fakeTerminal();
    printPlan(planOf(...names.map((name) => row("create", ROLE, name))), terminal, true);
    const lines = out().split("\n").slice(0, -3);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join(" ").match(/role_number_\d+/g)).toEqual(names);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(terminal.width);
  });

  it.each([
    ["spec.postgresql.parameters.shared_buffers", true],
    ["spec.postgresql.parameters.work_mem", false],
    ["spec.postgresql.parameters.timescaledb.max_background_workers", true],
    ['spec.postgresql.parameters["timescaledb.max_background_workers"]', true],
    ["spec.imageName", true],
    ["spec.resources.limits.memory", true],
    ["spec.instances", false],
  ])("says whether a change of a cluster's %s restarts its servers", (path, restarts) => {
    const cluster = "kubernetes:postgresql.cnpg.io/v1:Cluster";
    const text = printed(
      row("update", cluster, "sark-cluster", { changes: [{ path, from: "1", to: "2" }] }),
    );
    expect(text.includes("(restart)")).toBe(restarts);
    expect(text.includes("Restarts sark-cluster.")).toBe(restarts);
  });

  it("does not count the stack, components and providers", () => {
    const bookkeeping = ["pulumi:pulumi:Stack", "sark:local:LocalPostgres", "pulumi:providers:x"];
    const rows = bookkeeping.map((type) => row("create", type, "name"));
    expect(summaryLine(planOf(...rows, row("create", ROLE, "a")))).toBe("Plan: 1 to create.");
  });

  it("says `No changes` if there are none, and counts an update of a provider", () => {
    expect(summaryLine(planOf(row("same", ROLE, "a")))).toBe("No changes: 1 resource up to date.");
    const provider = row("update", "pulumi:providers:postgresql", "sark");
    expect(summaryLine(planOf(row("same", ROLE, "a"), provider))).toBe(
      "Plan: 1 to update, 1 unchanged.",
    );
  });

  it("lists unchecked parts", () => {
    const { terminal, out } = fakeTerminal();
    printPlan({ ...planOf(), unchecked: ["aws:getVpc was not asked"] }, terminal, false);
    expect(out()).toContain("Not checked: aws:getVpc was not asked\n");
  });
});

describe("progress", () => {
  const urn = row("create", ROLE, "sark_owner").urn;

  it("in a pipe is one plain line for each resource", () => {
    const { terminal, out } = fakeTerminal();
    const report = new ProgressReport(terminal);
    report.started(urn, "create");
    report.finished(urn, "create", 0.26);
    report.failed(urn);
    report.message("warning", "careful");
    report.message("warning", "careful");
    report.close();
    expect(out()).toBe(`  + created Role sark_owner 0.3 s
  ! failed Role sark_owner
  warning: careful
`);
  });

  it("omits components", () => {
    const { terminal, out } = fakeTerminal();
    const report = new ProgressReport(terminal);
    const component = row("create", "sark:local:LocalPostgres", "sark").urn;
    report.started(component, "create");
    report.finished(component, "create", 1);
    expect(out()).toBe("");
  });

  it("has colours only on a screen without NO_COLOR", () => {
    const painted = (isTTY: boolean, env: NodeJS.ProcessEnv) => {
      const stream = Object.assign(new PassThrough(), { isTTY });
      const options = { json: false, stdin: stream, stdout: stream, stderr: stream, env };
      const terminal = new Terminal(options);
      terminal.line(terminal.paint("red", "x"));
      return String(stream.read());
    };
    expect(painted(true, { TERM: "xterm" })).toBe("\u001b[31mx\u001b[0m\n");
    expect(painted(true, { TERM: "xterm", NO_COLOR: "1" })).toBe("x\n");
    expect(painted(false, { TERM: "xterm" })).toBe("x\n");
  });
});

describe("the summary", () => {
  const outputs = readOutputs(OUTPUTS);
  if (outputs === undefined) throw new Error("the outputs are complete");

  it("of `up` shows what runs where, how to connect and the next commands, but no password", () => {
    const { terminal, out } = fakeTerminal();
    printSummary(outputs, { root: "/project", stack: "local" }, terminal);
    expect(out()).toBe(`
Stack local is up
  sark        PostgreSQL on 127.0.0.1:15432, replica on 127.0.0.1:15433, 2 migrations applied
  sark_audit  TimescaleDB on 127.0.0.1:15434, 1 migration applied
  pool        PgBouncer on 127.0.0.1:16432 for sark (transaction)

Connect
  host=127.0.0.1 port=16432 dbname=sark user=sark_app_a   (through the pool)
    with its password: npm run secret -- sark_app --url --pool
  host=127.0.0.1 port=15434 dbname=sark_audit user=sark_audit_app_a
    with its password: npm run secret -- sark_audit_app --url

Limits of sark_audit
  - it has one session

Next
  npm run status    show the health of every server
  npm run preview   show what a change in Pulumi.local.yaml would do
  npm run destroy   stop everything and delete the data
`);
    expect(out()).not.toContain(PASSWORD);
  });

  it("of `up` names changes that are not in force yet", () => {
    const { terminal, out } = fakeTerminal();
    const waiting = ["sark-prod keeps its old values until a restart: shared_buffers."];
    printSummary(outputs, { root: "/project", stack: "prod" }, terminal, waiting);
    expect(out()).toContain(`
Not in force yet
  - sark-prod keeps its old values until a restart: shared_buffers.

Next
`);
  });

  it("of `up` says how to install a missing pool, and names the stack in its commands", () => {
    const { terminal, out } = fakeTerminal();
    const pool = { ...OUTPUTS.pool, running: false };
    printSummary({ ...outputs, pool }, { root: "/project", stack: "dev" }, terminal);
    expect(out()).toContain("pool        PgBouncer is not installed; install it");
    expect(out()).toContain("port=15432 dbname=sark user=sark_app_a\n");
    expect(out()).toContain("npm run secret -- sark_app --url --stack dev");
  });

  it.each([
    [{ home: "kubernetes", retained: true }, "delete everything but the servers"],
    [{ home: "aws" }, "delete everything; databases on AWS keep a final snapshot"],
    [{ home: "kubernetes" }, "stop everything and delete the data"],
  ] as const)("of `up` describes the effect of a destroy with %j", (change, text) => {
    const { terminal, out } = fakeTerminal();
    const servers = { ...outputs.servers, sark: { ...OUTPUTS.servers.sark, ...change } };
    printSummary({ ...outputs, servers }, { root: "/project", stack: "dev" }, terminal);
    expect(out()).toContain(`npm run destroy -- --stack dev   ${text}\n`);
  });
});
