import { type Settings, parseSettings } from "../../support/parse-settings";
import { Client } from "pg";
import { groupParameters } from "../../../components/homes/aws/database/plan/group-parameters";
import { CONTROLLED_PARAMETERS } from "../../../components/homes/local/plan/local-parameters";
import { describeServer } from "../../../components/homes/plan/describe-server";
import { overrideProblems } from "../../../components/parameters/parameter-overrides";
import {
  majorVersions,
  parameterNames,
  parseSetting,
} from "../../../components/parameters/parameters";
import { withPlans } from "../../support/registered";
import { rawStack, stackOf } from "../homes/aws/plan/aws-stack";
import { type ScratchPostgres, startScratchPostgres } from "../../../scratch/scratch-postgres";

type Parameters = Readonly<Record<string, string | number | boolean>>;

/** Rejected parameter overrides of sark's servers. */
function refused(settings: Settings) {
  const { kind, given } = describeServer(settings, "sark", { memory: 2 ** 31, vcpus: 2 });
  return given.flatMap((each) => overrideProblems(kind, each));
}

/** One line per rejected override of a local stack: key, allowed values, why. */
function local(parameters: Parameters, more: object = {}): readonly string[] {
  const settings = parseSettings({
    sark: { home: "local", parameters, ...more },
    audit: { home: "local" },
    route: "direct",
    protection: true,
    rotation: 1,
  });
  return refused(settings).map(({ key, allowed, why }) => `${key}: ${allowed}; ${why}`);
}

/** The same for a stack on AWS. */
const aws = (parameters: Parameters): readonly string[] =>
  refused(parseSettings(rawStack({ sark: { parameters } }))).map(
    ({ key, why }) => `${key}: ${why}`,
  );

describe("parameter override in the server's notation", () => {
  let server: ScratchPostgres;
  let client: Client;
  beforeAll(async () => {
    server = await startScratchPostgres();
    client = new Client({ connectionString: server.connectionString });
    await client.connect();
    await client.query("load 'auto_explain'");
  }, 60_000);
  afterAll(async () => {
    await client.end();
    await server.stop();
  });

  it.each([
    ["log_min_messages", "WARNING"],
    ["log_min_messages", "Debug"],
    ["log_statement", "DDL"],
    ["synchronous_commit", "false"],
    ["synchronous_commit", "Yes"],
    ["constraint_exclusion", "1"],
    ["backslash_quote", "YES"],
    ["auto_explain.log_format", "JSON"],
    ["work_mem", "1.1MB"],
    ["work_mem", "1.1GB"],
    ["work_mem", "0x1000"],
    ["work_mem", "010000"],
    ["work_mem", "4.5e3kB"],
    ["work_mem", "  64 MB "],
    ["temp_buffers", "1.3MB"],
    ["statement_timeout", "1.5"],
    ["statement_timeout", "2.5"],
    ["statement_timeout", "1.5h"],
    ["statement_timeout", "100us"],
    ["log_temp_files", "-1"],
    ["random_page_cost", "1"],
    ["random_page_cost", ".5e1"],
    ["vacuum_cost_delay", "500us"],
    ["jit", "T"],
    ["jit", "of"],
    ["jit", "ye"],
    ["enable_hashjoin", "0"],
  ])("is parsed as the server does: %s = %s", async (name, text) => {
    // In one statement: a timeout of one millisecond applies to the next one.
    const { rows } = await client.query<{ setting: string }>(
      `select set_config($1, $2, true), (select setting from pg_settings where name = $1)`,
      [name, text],
    );
    const value = parseSetting(18, name, text);
    const shown = typeof value === "boolean" ? (value ? "on" : "off") : String(value);
    expect(shown).toBe(rows[0]?.setting);
    expect(local({ [name]: text })).toEqual([]);
  });

  it.each([
    ["jit", "o"],
    ["jit", "maybe"],
    ["jit", "2"],
    ["log_statement", "dd"],
    ["synchronous_commit", "y"],
    ["work_mem", "1mb"],
    ["work_mem", "1min"],
    ["work_mem", "5 eggs"],
    ["random_page_cost", "1MB"],
    ["wal_compression", "lz5"],
  ])("is rejected as the server does: %s = %s", async (name, text) => {
    await expect(
      client.query("select set_config($1, $2, false)", [name, text]),
    ).rejects.toMatchObject({ code: "22023" });
    expect(local({ [name]: text })).toHaveLength(1);
  });

  it.each([
    { work_mem: "'8MB'" },
    { log_line_prefix: "'%m ''x'' '" },
    { log_connections: true },
    { synchronous_commit: false },
    { jit: 1 },
    { random_page_cost: 1 },
    { "my_app.user": "somebody" },
    { "auto_explain.log_min_duration": "1s" },
  ])("is accepted: %j", (parameters: object) => {
    expect(local(parameters as Parameters)).toEqual([]);
  });
});

describe("parameter override", () => {
  it.each<[Parameters, string]>([
    [{ jit: "maybe" }, "jit: true or false; the server reads it as a boolean"],
    [
      { log_statement: "all of it" },
      "log_statement: none, ddl, mod, all; the server accepts no other word",
    ],
    [{ work_mem: "1mb" }, "in kB, or with one of the units B, kB, MB, GB, TB"],
    [{ max_wal_senders: "1MB" }, "the server reads it as a number without a unit"],
    [
      { shared_bufers: "1GB" },
      "shared_bufers: a parameter that PostgreSQL 18 has, such as shared_buffers",
    ],
    [{ "auto_explain.log_mins": 1 }, "the extension auto_explain has no such parameter"],
    [{ "rds.logical_replication": 1 }, "only Amazon RDS has parameters that begin with rds"],
    [{ "my_app.part.name": "x" }, "my_app.part.name: a parameter that PostgreSQL 18 has, such as "],
    [{ "my_app.part.name": "x" }, "; a parameter name has at most two parts"],
    [{ "auto_explain.log.x": 1 }, "; a parameter name has at most two parts"],
    [{ "my_app.": 1 }, "the server does not start with an unknown parameter"],
    [{ max_connections: 200 }, "max_connections: the setting connections; "],
    [
      { transaction_timeout: 5 },
      "transaction_timeout: 0, or at least 1s; it already applies during log-in",
    ],
    [{ post_auth_delay: 60 }, "post_auth_delay: at most 5s; each log-in would wait that long"],
    [{ pre_auth_delay: "1min" }, "pre_auth_delay: at most 5s; each log-in would wait that long"],
    [{ ssl: "on" }, "ssl: nothing: the local home sets it; "],
    [{ PORT: 5433 }, "PORT: the setting local.ports.sark; "],
    [{ restore_command: "false" }, "restore_command: nothing: the local home sets it; "],
    [{ wal_level: "Minimal" }, "wal_level: replica or logical; "],
    [{ max_wal_senders: 0 }, "max_wal_senders: at least 2; "],
    [{ min_wal_size: "31MB" }, "min_wal_size: at least 32MB; the server does not start with less"],
    [{ max_wal_size: 2 }, "max_wal_size: at least 32MB; "],
    [
      { default_transaction_isolation: "SERIALIZABLE" },
      "default_transaction_isolation: read committed or repeatable read, where there is a replica",
    ],
    [{ max_replication_slots: 0 }, "max_replication_slots: at least 1; "],
  ])("%j is rejected with key and reason", (parameters, text) => {
    const [line, ...others] = local(parameters);
    expect(others).toEqual([]);
    expect(line).toMatch(/^sark-databases:sark\.parameters\.\S+: /);
    expect(line).toContain(text);
  });

  it.each<[Parameters, string, string]>([
    [{ Work_Mem: "8MB", work_mem: "9MB" }, "work_mem", "Work_Mem"],
    [{ work_mem: "8MB", jit: true, WORK_MEM: "8MB" }, "WORK_MEM", "work_mem"],
    [{ "my_app.user": "a", "My_App.User": "b" }, "My_App.User", "my_app.user"],
  ])("%j sets one parameter twice and is rejected with both keys", (parameters, second, first) => {
    const key = "sark-databases:sark.parameters";
    expect(local(parameters)).toEqual([
      `${key}.${second}: nothing while ${key}.${first} is set; both name the same parameter: names are case-insensitive`,
    ]);
  });

  it.each([
    "*",
    "sark_replica",
    'other, "SARK_replica"',
    "FIRST 1 (sark_replica)",
    "any 1 (*)",
    'FIRST 01("a, ""b", SARK_replica )',
    '"first", *',
    "",
  ])("synchronous_standby_names = %s is accepted when the replica can confirm commits", (names) => {
    expect(local({ synchronous_standby_names: names })).toEqual([]);
  });

  it.each(["other", "sark_replica2", "2 (*)", "ANY 2 (sark_replica, other)", '"*s"'])(
    "synchronous_standby_names = %s is rejected because every commit would wait",
    (names) => {
      expect(local({ synchronous_standby_names: names })).toEqual([
        expect.stringContaining("sark_replica or *; every commit would wait for ever"),
      ]);
    },
  );

  it.each([
    "ANY 1 sark_replica",
    "first 1(*) x",
    "ANY1 (*)",
    "any, sark_replica",
    "sark_replica,",
    "sark replica",
    "sark-replica",
    '"sark_replica',
    "1 ()",
    "FIRST 0 (*)",
    "ANY 1 (ANY 1 (*))",
  ])("synchronous_standby_names = %s is rejected because the server cannot parse it", (names) => {
    for (const replicas of [0, 1]) {
      expect(local({ synchronous_standby_names: names }, { replicas })).toEqual([
        expect.stringContaining(
          "; the server expects a list of names, such as a, b, or ANY 1 (a, b)",
        ),
      ]);
    }
  });

  it("synchronous_standby_names is rejected without a replica unless it is empty", () => {
    expect(local({ synchronous_standby_names: "" }, { replicas: 0 })).toEqual([]);
    expect(local({ synchronous_standby_names: "*" }, { replicas: 0 })).toEqual([
      expect.stringContaining("empty without a replica; every commit would wait for ever"),
    ]);
  });

  it("is rejected for what a replica needs only when there is a replica", () => {
    const parameters = { wal_level: "minimal", max_wal_senders: 0, max_replication_slots: 0 };
    expect(local(parameters)).toHaveLength(3);
    expect(local(parameters, { replicas: 0 })).toEqual([]);
  });

  it("is rejected for serializable transactions on an RDS replica, but not on its primary", () => {
    const parameters = { default_transaction_isolation: "serializable" };
    const raw = (replica: object) => rawStack({ sark: { rds: { replica } } });
    expect(refused(parseSettings(raw({ parameters })))).toHaveLength(1);
    expect(refused(parseSettings(raw({})))).toEqual([]);
    expect(local(parameters, { replicas: 0 })).toEqual([]);
  });

  it("is rejected below two WAL segments of RDS, which are larger", () => {
    expect(aws({ min_wal_size: 127 })).toHaveLength(1);
    expect(aws({ min_wal_size: 128 })).toEqual([]);
  });

  it("is restricted by the local home only for parameters that a server has", () => {
    const known = new Set(majorVersions.flatMap((major) => parameterNames(major)));
    expect(Object.keys(CONTROLLED_PARAMETERS).filter((name) => !known.has(name))).toEqual([]);
  });
});

describe("parameter that only RDS has", () => {
  it("is applied at reboot when RDS calls it static", () => {
    const settings = withPlans(
      stackOf({ sark: { parameters: { "rds.logical_replication": "on" } } }),
    );
    expect(groupParameters(settings.sark, "primary", settings.servers.sark)).toContainEqual({
      name: "rds.logical_replication",
      value: "1",
      applyMethod: "pending-reboot",
    });
  });

  it.each<Parameters>([
    { "rds.logical_replication": 1 },
    { "rds.logical_replication": "on" },
    { "rds.restrict_password_commands": true },
    { "rds.adaptive_autovacuum": "off" },
    { "pgaudit.role": "rds_pgaudit" },
    { "auto_explain.log_min_duration": "1s" },
    { "pg_stat_statements.track": "ALL" },
  ])("is accepted: %j", (parameters) => {
    expect(aws(parameters)).toEqual([]);
  });

  it.each<[Parameters, string]>([
    [{ "rds.logical_replication": "perhaps" }, "the server reads it as a boolean"],
    [{ "pgaudit.role": "auditor" }, "the server accepts no other word"],
    [
      { "rds.logical_replicaton": 1 },
      "an RDS parameter group accepts only known parameters; add a missing one to rds-parameters.json",
    ],
    [
      { "my_app.user": "somebody" },
      "an RDS parameter group accepts only known parameters; add a missing one to rds-parameters.json",
    ],
  ])("is rejected with the actual reason: %j", (parameters, why) => {
    expect(aws(parameters)).toEqual([expect.stringContaining(why)]);
  });
});
