import * as fs from "node:fs";
import * as path from "node:path";
import type { ServerOutput } from "../../components/outputs/outputs";
import { plainStrings, secretStrings, toWireObject } from "../../engine/wire";
import type { Plan, PlannedResource } from "../../engine/engine";
import { printPlan } from "../../cli/report/report-plan";
import { fakeTerminal } from "../cli/support/fakes";
import { type Preview, type Previewed, previewAll } from "../support/aws-program";
import { type FakeNetwork, SUBNETS, goodNetwork } from "../support/fake-network";
import { StackCopy } from "../../scratch/scratch-stack";

jest.setTimeout(240_000);

const FLAGS = ["--stack", "prod", "--engine", "embedded"];

const nameOf = ({ urn }: Pick<PlannedResource, "urn">) => urn.split("::").slice(3).join("::");
const onAws = ({ type }: Pick<PlannedResource, "type">) => type.startsWith("aws:");

let stack: StackCopy;
/** The output of `npm run preview -- --stack prod`. */
let printed: string;
let plan: Plan;
const results = new Map<Preview, Previewed>();

const BLUE = "blue";

const GOOD: Preview = { network: goodNetwork() };
const CANARY: Preview = { canary: "canary-" };
const UNPROTECTED: Preview = { changes: { protection: false } };
const ONE_REGION: Preview = { changes: { aws: { secondRegion: null } } };
const ANOTHER: Preview = {
  stack: BLUE,
  changes: { backups: { bucket: { path: "s3://sark-databases-blue" } } },
};
const SETTLED: Preview = { settle: true };
const LARGER: Preview = { changes: { sark: { rds: { instanceClass: "db.m8g.4xlarge" } } } };

/** Settings or a network that every stack must refuse, with the parts of the refusal. */
interface Bad {
  readonly changes?: Preview["changes"];
  readonly network?: FakeNetwork;
  readonly key: string;
  readonly value: string;
  readonly allowed: string;
  readonly why: string;
}

const oneZone = Object.fromEntries(SUBNETS.map((id) => [id, { zone: "eu-central-1a" }]));

const BAD: Readonly<Record<string, Bad>> = {
  "retention of 0 days": {
    changes: { backups: { retentionDays: 0 } },
    key: "backups.retentionDays",
    value: "0",
    allowed: "from 7 to 35",
    why: "RDS keeps at most 35",
  },
  "retention of 36 days": {
    changes: { backups: { retentionDays: 36 } },
    key: "backups.retentionDays",
    value: "36",
    allowed: "from 7 to 35",
    why: "RDS keeps at most 35",
  },
  'a window at "25:00"': {
    changes: { sark: { rds: { backupWindow: "25:00-26:00" } } },
    key: "sark.rds.backupWindow",
    value: '"25:00-26:00"',
    allowed: "times in UTC such as 01:00-02:00",
    why: "the busiest hour",
  },
  "one subnet": {
    changes: { aws: { subnetTags: null, subnets: [SUBNETS[0]] } },
    key: "aws.subnets",
    value: '["subnet-00000000000000001"]',
    allowed: "two or more ids",
    why: "a stand-by is in another zone",
  },
  "subnets in one zone": {
    network: goodNetwork(oneZone),
    key: "aws.subnetTags",
    value: `${SUBNETS.join(", ")} all in eu-central-1a`,
    allowed: "subnets in at least two zones",
    why: "a stand-by can be in another",
  },
  "a public subnet": {
    network: goodNetwork({ [SUBNETS[1] ?? ""]: { gateways: ["igw-0123456789abcdef0"] } }),
    key: "aws.subnetTags",
    value: "subnet-00000000000000002 (routes to igw-0123456789abcdef0)",
    allowed: "no route to an internet gateway",
    why: "a route to the internet can be reached from it",
  },
  "everybody as a source": {
    changes: { aws: { sources: { eks: "0.0.0.0/0" } } },
    key: "aws.sources.eks",
    value: '"0.0.0.0/0"',
    allowed: "no address, least of all 0.0.0.0/0",
    why: "scanners find an open port within minutes",
  },
  "TimescaleDB on RDS": {
    changes: { audit: { home: "aws", image: null } },
    key: "audit.home",
    value: '"aws"',
    allowed: "one of local, kubernetes",
    why: "Amazon RDS does not offer the timescaledb extension",
  },
  "a class too small for the connections": {
    changes: {
      sark: { size: { memory: null, vcpus: null }, rds: { instanceClass: "db.t4g.micro" } },
    },
    key: "sark.rds.instanceClass",
    value: "db.t4g.micro, 1024 MB for 250 connections",
    allowed: "or larger",
    why: "the class is too small for the connections",
  },
  "a major version that the replica does not share": {
    changes: { sark: { rds: { replica: { majorVersion: 17 } } } },
    key: "sark.rds.replica.majorVersion",
    value: "17",
    allowed: "18, like sark.majorVersion",
    why: "only the same major version",
  },
  "a lock shorter than the retention": {
    changes: { backups: { bucket: { lock: { days: 7 } } } },
    key: "backups.bucket.lock.days",
    value: "7",
    allowed: "at least 32",
    why: "could be deleted",
  },
};

const refused = new Map<string, Previewed>();

beforeAll(async () => {
  // Without credentials and without a proxy.
  const nowhere = { AWS_PROFILE: "", AWS_ACCESS_KEY_ID: "", HTTPS_PROXY: "http://127.0.0.1:1" };
  stack = await StackCopy.make({ ...nowhere, KUBECONFIG: "/nonexistent" });
  const file = (name: string) => path.join(stack.folder, `Pulumi.${name}.yaml`);
  fs.copyFileSync(file("prod"), file(BLUE));
  printed = (await stack.mustRun("preview", ...FLAGS)).stdout;
  const good = [GOOD, CANARY, UNPROTECTED, ONE_REGION, ANOTHER];
  const bad: readonly Preview[] = Object.values(BAD).map(({ changes = {}, network }) => ({
    changes,
    ...(network ? { network } : {}),
  }));
  const found = previewAll(stack, [{}, ...good, ...bad, SETTLED, LARGER]);
  const [first, ...others] = found;
  if (!first?.plan) throw new Error(first?.error);
  plan = first.plan;
  [...good, ...bad, SETTLED, LARGER].forEach((preview, index) => {
    const result = others[index];
    if (result) results.set(preview, result);
  });
  Object.keys(BAD).forEach((name, index) => {
    const result = bad[index] && results.get(bad[index]);
    if (result) refused.set(name, result);
  });
});
afterAll(() => stack.remove());

function resultOf(preview: Preview): Previewed & { readonly plan: Plan } {
  const result = results.get(preview);
  if (!result?.plan) throw new Error(result?.error ?? "no preview was made");
  return { ...result, plan: result.plan };
}

describe("the stack prod, without credentials or a network", () => {
  it("has a preview with a table of servers, and the parts that could not be checked", () => {
    expect(printed).toContain(`
  runs     sark                            sark_audit           pool
  home     aws                             kubernetes           kubernetes
  machine  db.m8g.2xlarge, 8 vCPU, 32 GiB  8 vCPU, 32 GiB
  storage  500 GiB gp3, up to 1000 GiB     1 TiB san
  log                                      191 GiB
  speed    12000 IOPS, 500 MiB/s
  servers  primary, stand-by, 1 replica    primary, 2 replicas  2
  zones    at least 2                      at least 2
  backups  30 days                         30 days

Backups of sark: any second of the last 30 days but the last 5 minutes, back within 60 minutes; in RDS (eu-central-1), `);
    expect(printed).toMatch(/^Backups of sark_audit: .*\n\nNot checked: the network on AWS: /m);
    expect(printed.match(/^Not checked: /gm)).toHaveLength(1);
    expect(printed).toMatch(/^Plan: \d+ to create\.$/m);
  });

  it("lists every resource by name in its preview", () => {
    const rows = plan.resources.filter(({ type }) => !/^(pulumi:|sark:)/.test(type));
    expect(rows.length).toBeGreaterThan(300);
    expect(new Set(plan.resources.map(({ op }) => op))).toEqual(new Set(["create"]));
    const words = new Set(printed.split(/[\s,]+/));
    expect(rows.map(nameOf).filter((name) => !words.has(name))).toEqual([]);
    expect(printed).toContain("000001_users.sql");
    expect(printed).toContain(`Plan: ${rows.length} to create.`);
  });

  it("outputs the known properties of its servers before they exist, with each unknown part marked", () => {
    const { sark } = plan.outputs["servers"] as Readonly<Record<string, ServerOutput>>;
    expect(sark).toMatchObject({
      home: "aws",
      host: "[unknown]",
      port: 5433,
      replica: { host: "[unknown]", port: 5433 },
      runs: { class: "db.m8g.2xlarge", vcpus: 8, memory: 32 * 2 ** 30, zones: 2 },
      backups: { days: 30, lossMinutes: 5, restoreMinutes: 60 },
    });
    const subnets = plan.resources.find(({ type }) => type === "aws:rds/subnetGroup:SubnetGroup");
    expect(subnets?.inputs["subnetIds"]).toHaveLength(3);
  });

  it("cannot be applied by the embedded engine, and the error says so", async () => {
    const { code, stdout, stderr } = await stack.run("up", "--yes", ...FLAGS);
    expect(code).toBe(1);
    expect(stdout + stderr).toContain(
      "The embedded engine can plan this stack but not apply it: it has no provider for aws, kubernetes. " +
        "Use --engine pulumi.\n",
    );
  });
});

it("RDS servers have timeouts of hours, in seconds", () => {
  const servers = plan.resources.filter(({ type }) => type === "aws:rds/instance:Instance");
  expect(servers).toHaveLength(2);
  for (const { options } of servers) {
    expect(options.customTimeouts).toEqual({ create: 10_800, update: 10_800, delete: 5400 });
  }
});

it("the stack prod has the same plan with a checked network as without one", () => {
  const { plan: found } = resultOf(GOOD);
  expect(urnsOf(found)).toEqual(urnsOf(plan));
  const group = found.resources.find(({ type }) => type === "aws:rds/subnetGroup:SubnetGroup");
  expect(group?.inputs["subnetIds"]).toEqual(SUBNETS);
});

it("no AWS resource input has a password in plain text", () => {
  const { asked, plan: shown } = resultOf(CANARY);
  const strings = (read: typeof plainStrings) =>
    asked.flatMap(({ type, name, inputs }) =>
      read(toWireObject(inputs))
        .filter((text) => text.includes("canary-"))
        .map(() => `${type} ${name}`),
    );
  expect(strings(plainStrings)).toEqual([]);
  // The canary passwords do arrive: in the secrets of pods, in Secrets Manager, and at the server itself.
  const hidden = strings(secretStrings);
  expect(hidden).toContain("aws:rds/instance:Instance sark-primary-instance");
  expect(hidden).toContain(
    "aws:secretsmanager/secretVersion:SecretVersion login-store-sark-app-version",
  );
  expect(hidden.length).toBeGreaterThan(15);
  expect(JSON.stringify(shown)).not.toContain("canary-");
});

it("two stacks with the same settings share no name on AWS", () => {
  const names = ({ resources }: Plan) =>
    new Set(resources.filter(onAws).flatMap((each) => physicalNames(each)));
  const [own, others] = [names(plan), names(resultOf(ANOTHER).plan)];
  expect(own.size).toBeGreaterThan(90);
  expect([...own].filter((name) => others.has(name))).toEqual([]);
  expect(others.size).toBe(own.size);
});

/** Independent resources come in any order. */
function urnsOf({ resources }: Plan): readonly string[] {
  return resources.map(({ urn }) => urn).sort();
}

/** A resource's name on AWS with its type: unique in an account or a region, and so among stacks. */
function physicalNames({ type, inputs }: PlannedResource): readonly string[] {
  // A name that is unique only within a role.
  if (type === "aws:iam/rolePolicy:RolePolicy") return [];
  return ["identifier", "bucket", "name", "namePrefix"].flatMap((key) => {
    const value = inputs[key];
    return typeof value === "string" && value !== "[unknown]" ? [`${type} ${value}`] : [];
  });
}

describe("the second region of the stack prod", () => {
  const abroad = ({ resources }: Plan) =>
    resources.filter(({ options }) => options.provider.endsWith("::aws-second"));

  it("has its own provider, and copies of all backups", () => {
    const provider = plan.resources.find((each) => nameOf(each) === "aws-second");
    expect(provider?.inputs).toMatchObject({
      region: "eu-west-1",
      allowedAccountIds: '["111122223333"]',
    });
    const types = abroad(plan).map(({ type }) => type.split(":").at(-1));
    for (const type of ["Bucket", "Vault", "Key", "InstanceAutomatedBackupsReplication"]) {
      expect(types).toContain(type);
    }
    expect(types).not.toContain("Instance");
  });

  it("has no resources when the settings have no second region", () => {
    const { plan: alone } = resultOf(ONE_REGION);
    const missing = new Set(plan.resources.map(nameOf));
    for (const each of alone.resources) missing.delete(nameOf(each));
    expect(abroad(alone)).toEqual([]);
    const gone = plan.resources.filter((each) => missing.has(nameOf(each)));
    // Stays in the first region, as it only serves the copies: the replication, and its role.
    const here = gone.filter(({ options }) => options.provider.endsWith("::aws")).map(nameOf);
    expect(here.sort()).toEqual([
      "backups-archive-copier",
      "backups-archive-copier-access",
      "backups-archive-copying",
      "monitoring-backups-copy-failed",
    ]);
  });
});

it("a stack without protection differs only in its protective properties", () => {
  const { plan: open } = resultOf(UNPROTECTED);
  const before = new Map(plan.resources.map((each) => [each.urn, each]));
  expect(urnsOf(open)).toEqual(urnsOf(plan));
  const differing = open.resources.filter(
    ({ urn, inputs }) => JSON.stringify(inputs) !== JSON.stringify(before.get(urn)?.inputs),
  );
  expect(differing.map(nameOf)).toEqual(["sark-primary-instance", "sark-replica-1-instance"]);
  for (const { urn, inputs } of differing) {
    expect({ ...before.get(urn)?.inputs, deletionProtection: false }).toEqual(inputs);
  }
  const kept = (resources: Plan["resources"]) => resources.filter(({ options }) => options.protect);
  expect(kept(open.resources)).toEqual([]);
  expect(kept(plan.resources).filter(onAws).length).toBeGreaterThan(15);
});

describe("a change of the instance class", () => {
  it("has no effect before it is requested", () => {
    const changed = resultOf(SETTLED).plan.resources.filter(({ op }) => op !== "same");
    expect(changed.map(nameOf)).toEqual([]);
  });

  it("changes the dependent parameters in the same preview", () => {
    const { resources } = resultOf(LARGER).plan;
    const changes = (name: string) => resources.find((each) => nameOf(each) === name)?.changedKeys;
    for (const server of ["sark-primary", "sark-replica-1"]) {
      expect(changes(`${server}-instance`)).toContain("instanceClass");
      expect(changes(`${server}-parameters`)).toEqual(
        expect.arrayContaining([
          "parameters.shared_buffers.value",
          "parameters.effective_cache_size.value",
          "parameters.max_worker_processes.value",
        ]),
      );
    }
    expect(resources.filter(({ op }) => ["delete", "replace"].includes(op))).toEqual([]);
  });

  it("names the servers that it restarts", () => {
    const { terminal, out } = fakeTerminal();
    printPlan(resultOf(LARGER).plan, terminal, true);
    expect(out()).toContain("instanceClass: db.m8g.2xlarge -> db.m8g.4xlarge   (restart)");
    expect(out()).toMatch(
      /parameters\.shared_buffers\.value: \d+ -> \d+ {3}\(at the next restart\)/,
    );
    expect(out()).toMatch(
      /Restarts .*sark-primary-instance.* in the maintenance window, sun:03:00-sun:04:00 UTC\./,
    );
  });
});

describe("an invalid setting of the stack prod", () => {
  it.each(Object.entries(BAD))("is refused before any resource is created: %s", (name, bad) => {
    const result = refused.get(name);
    expect(result?.plan).toBeUndefined();
    const said = result?.error.split("\n").slice(1) ?? [];
    expect(said).toHaveLength(1);
    const { key, value, allowed, why } = bad;
    const [found = "", ...rest] = said[0]?.split("; ") ?? [];
    expect(found).toBe(`sark-databases:${key}: got ${value}`);
    expect(rest[0]).toMatch(/^allowed: /);
    expect(rest[0]).toContain(allowed);
    expect(rest.slice(1).join("; ")).toContain(why);
    // The stack itself, and resources for look-ups.
    const providers = bad.network ? ["pulumi:providers:aws", "pulumi:providers:aws"] : [];
    expect(result?.asked.map(({ type }) => type)).toEqual(["pulumi:pulumi:Stack", ...providers]);
  });

  it("ends the command with exit code 1 and the same message", async () => {
    stack.configure((config) => {
      Object.assign(config["sark-databases:backups"] as object, { retentionDays: 36 });
    }, "prod");
    const { code, stdout, stderr } = await stack.run("preview", ...FLAGS);
    expect(code).toBe(1);
    expect(stdout + stderr).toContain(refused.get("retention of 36 days")?.error);
    expect(stdout + stderr).not.toContain("    at ");
  });
});
