/** Parameters from public bug reports, set by the user's commands. */
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { runningPostgres, stop } from "../../../components/homes/local/processes/postgres";
import { StackCopy } from "../../../scratch/scratch-stack";

jest.setTimeout(480_000);

type Parameters = Readonly<Record<string, string | number | boolean>>;

let stack: StackCopy;
beforeAll(async () => {
  stack = await StackCopy.make();
});
afterAll(() => stack.remove());

/** Sets exactly these parameters of sark. */
function set(parameters: Parameters, more: object = {}): void {
  stack.configure((config) => {
    config["sark-databases:sark"] = { home: "local", parameters, ...more };
  });
}

const folder = (server: string): string => path.join(stack.folder, ".sark", "local", server);

/** The output of a command that must fail. */
async function failed(...command: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await stack.run(...command);
  expect(code).not.toBe(0);
  return `${stdout}${stderr}`;
}

describe("a local stack with reported parameters", () => {
  it("is created although its commits wait for a replica that does not exist yet", async () => {
    set({ synchronous_standby_names: "*" });
    await stack.mustRun("up", "--yes", "--engine", "embedded");
  });

  it("is started by up after a reboot", async () => {
    await Promise.all(["sark", "sark-replica"].map((server) => stop(folder(server))));
    await stack.mustRun("up", "--yes");
    expect(runningPostgres(folder("sark-replica"))).toBeDefined();
  });

  it.each<[Parameters]>([
    [{ statement_timeout: 1 }],
    [{ idle_session_timeout: "1ms" }],
    [{ default_transaction_read_only: true, synchronous_standby_names: "sark_replica" }],
  ])("is repaired by up after %j is removed again", async (parameters) => {
    set(parameters);
    await stack.run("up", "--yes");
    set({});
    await stack.mustRun("up", "--yes");
    expect((await stack.mustRun("preview")).stdout).toContain("No changes: ");
  });

  it("gets a parameter that prevents sessions reverted by up, which names the cause", async () => {
    set({ session_preload_libraries: "/nowhere/library" });
    expect(await failed("up", "--yes")).toContain(
      'no session can start with these parameters: could not access file "/nowhere/library"',
    );
    await stack.withLogin("sark_readonly", (client) => client.query("select 1"));
    set({});
    await stack.mustRun("up", "--yes");
  });

  const REFUSED: readonly [Parameters, string][] = [
    [
      { session_preload_libraries: "pg_hint_plan" },
      'session_preload_libraries: library "pg_hint_plan" is not included in the embedded PostgreSQL',
    ],
    [
      { local_preload_libraries: "auto_explain" },
      'local_preload_libraries: library "auto_explain" is not in the folder plugins',
    ],
    [
      { transaction_timeout: 1 },
      "sark.parameters.transaction_timeout: got 1; allowed: 0, or at least 1s",
    ],
    [
      { synchronous_standby_names: "another" },
      'sark.parameters.synchronous_standby_names: got "another"; allowed: sark_replica or *; every commit would',
    ],
    [{ synchronous_standby_names: "ANY 2 (*)" }, "sark.parameters.synchronous_standby_names: "],
    [{ ssl: true }, "sark.parameters.ssl: got true; allowed: nothing: the local home sets it"],
    [
      { ssl_cert_file: "mine.crt" },
      'sark.parameters.ssl_cert_file: got "mine.crt"; allowed: nothing',
    ],
    [{ ssl_crl_file: "revoked" }, 'sark.parameters.ssl_crl_file: got "revoked"; allowed: nothing'],
    [{ wal_level: "minimal" }, 'sark.parameters.wal_level: got "minimal"; allowed: replica or '],
    [
      { log_statement: "everything" },
      'sark.parameters.log_statement: got "everything"; allowed: none',
    ],
    [{ work_mem: "1.1mb" }, "or with one of the units B, kB, MB, GB, TB"],
    [{ "rds.logical_replication": 1 }, "only Amazon RDS has parameters that begin with rds"],
  ];
  it.each(REFUSED)(
    "is refused with %j in the preview, with key and reason",
    async (parameters, text) => {
      set(parameters);
      expect(await failed("preview")).toContain(text);
    },
  );

  it("is refused in the preview if it names stand-bys but has no replica", async () => {
    set({ synchronous_standby_names: "*" }, { replicas: 0 });
    expect(await failed("preview")).toContain("allowed: empty without a replica");
  });

  it("accepts values in the server's notation", async () => {
    set({
      log_min_messages: "WARNING",
      log_statement: "DDL",
      synchronous_commit: false,
      work_mem: "1.1MB",
      jit: "of",
      "my_app.user": "somebody",
    });
    await stack.mustRun("up", "--yes");
    const shown = await stack.withLogin("sark_readonly", async (client) => {
      const { rows } = await client.query<{ name: string; value: string }>(
        `select name, current_setting(name) as value
         from unnest(array['log_min_messages', 'log_statement', 'synchronous_commit', 'work_mem', 'jit', 'my_app.user']) as name`,
      );
      return rows.map(({ value }) => value);
    });
    expect(shown).toEqual(["warning", "ddl", "off", "1126kB", "off", "somebody"]);
    expect((await stack.mustRun("preview")).stdout).toContain("No changes: ");
  });
});

describe("the stack prod, whose server is on RDS,", () => {
  const PREVIEW = ["preview", "--stack", "prod", "--engine", "embedded"] as const;
  const setProd = (parameters: Parameters) => {
    stack.configure((config) => {
      Object.assign(config["sark-databases:sark"] as object, { parameters });
    }, "prod");
  };

  it("accepts parameters that only RDS has, or writes in its own notation", async () => {
    setProd({
      "rds.logical_replication": 1,
      "rds.restrict_password_commands": "on",
      "auto_explain.log_min_duration": "1s",
      "pg_stat_statements.track": "ALL",
    });
    const { stdout } = await stack.mustRun(...PREVIEW, "--json");
    const { resources } = JSON.parse(stdout) as {
      resources: { type: string; inputs?: { parameters?: object[] } }[];
    };
    const groups = resources.filter(({ type }) => type === "aws:rds/parameterGroup:ParameterGroup");
    expect(groups[0]?.inputs?.parameters).toEqual(
      expect.arrayContaining([
        { name: "rds.logical_replication", value: "1", applyMethod: "pending-reboot" },
        { name: "rds.restrict_password_commands", value: "1", applyMethod: "pending-reboot" },
        { name: "auto_explain.log_min_duration", value: "1000", applyMethod: "immediate" },
        { name: "pg_stat_statements.track", value: "ALL", applyMethod: "immediate" },
      ]),
    );
  });

  it.each<[Parameters, string]>([
    [{ wal_level: "logical" }, "rds.logical_replication makes it logical"],
    [
      { "rds.logical_replicaton": 1 },
      "such as rds.logical_replication; an RDS parameter group accepts",
    ],
    [
      { "rds.logical_replication": "maybe" },
      'sark.parameters.rds.logical_replication: got "maybe"',
    ],
  ])("is refused with %j, and the error names the parameter to set", async (parameters, text) => {
    setProd(parameters);
    expect(await failed(...PREVIEW)).toContain(text);
  });
});

const cli = spawnSync("pulumi", ["version"]).status === 0;
(cli ? describe : describe.skip)("the Pulumi CLI (skipped without one)", () => {
  it("repairs a stack in which its PostgreSQL provider cannot run a statement", async () => {
    await stack.mustRun("destroy", "--yes");
    const names = { synchronous_standby_names: "*" };
    set({ ...names, statement_timeout: 1 });
    expect(await failed("up", "--yes", "--engine", "pulumi")).toContain("statement timeout");
    set(names);
    await stack.mustRun("up", "--yes");
    expect((await stack.mustRun("preview")).stdout).toContain("No changes: ");
  });
});
