import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";
import type { PlannedResource } from "../../engine/engine";
import { accountsOf, terraformResources } from "../../scan/terraform";
import { terraformArguments } from "../../scan/terraform-arguments";
import { KNOWN_TYPES, namesOf } from "../support/terraform-names";
import { plannedStack } from "../support/planned-objects";

jest.setTimeout(60_000);

const MAIN = "urn:pulumi:x::p::pulumi:providers:aws::main";
const SECOND_REGION = "urn:pulumi:x::p::pulumi:providers:aws::abroad";

/** A row of a plan. */
function row(
  type: string,
  name: string,
  inputs: PlannedResource["inputs"],
  more: Partial<PlannedResource["options"]> = {},
): PlannedResource {
  return {
    urn: `urn:pulumi:x::p::${type}::${name}`,
    type,
    op: "create",
    changedKeys: [],
    changes: [],
    inputs,
    options: {
      protect: false,
      retainOnDelete: false,
      deletedWith: "",
      deleteBeforeReplace: false,
      ignoreChanges: [],
      dependencies: [],
      propertyDependencies: {},
      provider: MAIN,
      parent: "",
      aliases: [],
      ...more,
    },
  };
}

const urn = (type: string, name: string) => `urn:pulumi:x::p::${type}::${name}`;

const providers = [
  row("pulumi:providers:aws", "main", {
    region: "eu-central-1",
    allowedAccountIds: '["111122223333"]',
  }),
  row("pulumi:providers:aws", "abroad", { region: "eu-west-1" }),
];

const KEY = "aws:kms/key:Key";
const ROLE = "aws:iam/role:Role";
const INSTANCE = "aws:rds/instance:Instance";

/** The values of the last resource of a plan. */
function rendered(...resources: readonly PlannedResource[]) {
  return terraformResources({ resources: [...providers, ...resources] }).at(-1)?.values;
}

describe("a plan as Terraform", () => {
  it("has Terraform's names, also if they differ from Pulumi's", () => {
    const group = row("aws:rds/parameterGroup:ParameterGroup", "a/b c", {
      namePrefix: "sark-",
      parameters: [{ name: "work_mem", value: "1", applyMethod: "immediate" }],
      tags: { camelCase: "stays" },
    });
    expect(terraformResources({ resources: [...providers, group] })).toEqual([
      {
        type: "aws_db_parameter_group",
        name: "a_b_c",
        region: "eu-central-1",
        values: {
          name_prefix: "sark-",
          parameter: [{ name: "work_mem", value: "1", apply_method: "immediate" }],
          tags: { camelCase: "stays" },
        },
      },
    ]);
    const alarm = row("aws:cloudwatch/metricAlarm:MetricAlarm", "alarm", {
      name: "cpu",
      metricQueries: [{ id: "a", returnData: true, metric: { metricName: "b", period: 60 } }],
    });
    expect(rendered(alarm)).toEqual({
      alarm_name: "cpu",
      metric_query: [{ id: "a", return_data: true, metric: { metric_name: "b", period: 60 } }],
    });
  });

  it("refers to the fitting dependency of an unknown value", () => {
    const instance = row(
      INSTANCE,
      "server",
      { kmsKeyId: "[unknown]", monitoringRoleArn: "[unknown]", password: "[secret]" },
      {
        propertyDependencies: {
          kmsKeyId: [urn(ROLE, "watcher"), urn(KEY, "key")],
          monitoringRoleArn: [urn(ROLE, "watcher")],
        },
      },
    );
    expect(rendered(row(KEY, "key", {}), row(ROLE, "watcher", {}), instance)).toEqual({
      kms_key_id: "${aws_kms_key.key.arn}",
      monitoring_role_arn: "${aws_iam_role.watcher.arn}",
      password: "${var.secret}",
    });
  });

  it("refuses an unknown value with several fitting dependencies", () => {
    const sources = ["one", "two"].map((name) => row(KEY, name, {}));
    const alias = row(
      "aws:kms/alias:Alias",
      "alias",
      { targetKeyId: "[unknown]" },
      { propertyDependencies: { targetKeyId: sources.map((source) => source.urn) } },
    );
    expect(() => rendered(...sources, alias)).toThrow(
      /alias targetKeyId .* several resources: one, two/,
    );
  });

  it("refers to a resource that has the same name, only in the same region", () => {
    const vault = (name: string, provider: string) =>
      row("aws:backup/vault:Vault", name, { name: "sark" }, { provider });
    const lock = row(
      "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
      "lock",
      { backupVaultName: "sark", minRetentionDays: 7 },
      { provider: SECOND_REGION },
    );
    expect(rendered(vault("here", MAIN), vault("there", SECOND_REGION), lock)).toEqual({
      backup_vault_name: "${aws_backup_vault.there.name}",
      min_retention_days: 7,
    });
  });

  it("omits deleted resources and resources outside AWS", () => {
    const gone = { ...row(KEY, "gone", {}), op: "delete" as const };
    const other = row("random:index/randomId:RandomId", "id", {});
    expect(terraformResources({ resources: [...providers, gone, other] })).toEqual([]);
  });

  it("has the account of its provider", () => {
    expect(accountsOf({ resources: providers })).toEqual(["111122223333"]);
  });

  it("refuses an unknown type and an unknown input", () => {
    expect(() => rendered(row("aws:sqs/queue:Queue", "queue", {}))).toThrow(/lacks the type/);
    expect(() => rendered(row(INSTANCE, "server", { blueGreenUpdate: { enable: true } }))).toThrow(
      /lacks aws:rds\/instance:Instance\.blueGreenUpdate\.enable/,
    );
  });
});

describe("the names of scan/terraform-arguments.json", () => {
  it.each(KNOWN_TYPES)("are inputs of @pulumi/aws: %s", (type) => {
    const declared = new Set(declaredInputs(type));
    expect(declared.size).toBeGreaterThan(0);
    expect(namesOf(type).filter((name) => !declared.has(name))).toEqual([]);
  });

  it("do not accept a typo in any input of the stack prod", async () => {
    const { resources } = await plannedStack({ stack: "prod", changes: {} });
    const ours = resources.filter(({ type }) => type.startsWith("aws:"));
    const typos = ours.flatMap(({ type, inputs }) =>
      pathsOf(inputs).map((where) => [type, where] as const),
    );
    expect(typos.length).toBeGreaterThan(1000);
    const accepted = typos.filter(([type, where]) => {
      const misspelt = where.reduceRight<unknown>(
        (inner, key, index) => ({ [index === where.length - 1 ? `${key}x` : key]: inner }),
        "value",
      );
      try {
        terraformArguments(type, misspelt as Record<string, unknown>);
        return true;
      } catch {
        return false;
      }
    });
    expect(accepted).toEqual([]);
  });
});

/** Paths of the inputs' names. Keys of maps are free. */
function pathsOf(inputs: object): readonly (readonly string[])[] {
  return Object.entries(inputs).flatMap(([key, value]: [string, unknown]) => {
    const inner = Array.isArray(value) ? (value[0] as unknown) : value;
    const map = ["tags", "dimensions"].includes(key);
    const below = typeof inner === "object" && inner !== null && !map ? pathsOf(inner) : [];
    return [[key], ...below.map((where) => [key, ...where])];
  });
}

/** Names of the inputs that the package declares for a type, without nested ones. */
function declaredInputs(type: string): readonly string[] {
  const [, module = "", file = "", name = ""] = /^aws:(\w+)\/(\w+):(\w+)$/.exec(type) ?? [];
  const folder = path.dirname(require.resolve("@pulumi/aws/package.json"));
  const text = fs.readFileSync(path.join(folder, module, `${file}.d.ts`), "utf8");
  const source = ts.createSourceFile("a.d.ts", text, ts.ScriptTarget.Latest);
  return source.statements
    .filter((each) => ts.isInterfaceDeclaration(each))
    .filter((each) => each.name.text === `${name}Args`)
    .flatMap(({ members }) => members)
    .flatMap((member) => (member.name && ts.isIdentifier(member.name) ? [member.name.text] : []));
}
