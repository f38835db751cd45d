import * as pulumi from "@pulumi/pulumi";
import { backupKeys } from "../../../components/homes/kubernetes/backup-keys";
import { SettingsError, loadSettings } from "../../../components/settings/settings";

const kubernetes: Readonly<Record<string, unknown>> = {
  sark: { home: "kubernetes" },
  audit: { home: "kubernetes", image: "registry.example.com/timescaledb:18.6-ts2.29.2" },
  backups: { bucket: { path: "s3://sark-backups", access: "keys" } },
  route: "port-forward",
  protection: false,
  rotation: 1,
};

/** Sets the configuration as Pulumi passes it: strings, structures as JSON. */
function configure(values: Readonly<Record<string, unknown>>): void {
  const config = Object.entries(values).map(([key, value]) => [
    `sark-databases:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  pulumi.runtime.setAllConfig({
    ...(Object.fromEntries(config) as Record<string, string>),
    "other:audit": "mars",
  });
}

function problems(values: Readonly<Record<string, unknown>>): readonly string[] {
  configure(values);
  try {
    loadSettings();
  } catch (error) {
    if (error instanceof SettingsError) return error.message.split("\n").slice(1);
    throw error;
  }
  return [];
}

const unwrapped = (output: pulumi.Output<string> | undefined): Promise<string | undefined> =>
  new Promise((resolve) => {
    if (output === undefined) resolve(undefined);
    else output.apply(resolve);
  });

const keys = { backupAccessKeyId: "AKIAEXAMPLE", backupSecretAccessKey: "0123" };

afterEach(() => {
  pulumi.runtime.setAllConfig({});
});

it("loadSettings passes the storage keys on as secrets", async () => {
  configure({ ...kubernetes, ...keys });
  const settings = loadSettings();
  const given = backupKeys(settings);
  expect(settings.secrets["auditPassword"]).toBeUndefined();
  expect(await unwrapped(given?.accessKeyId)).toBe("AKIAEXAMPLE");
  // A secret that looks like a number stays a text.
  expect(await unwrapped(given?.secretAccessKey)).toBe("0123");
  const secrets = [given?.accessKeyId, given?.secretAccessKey];
  expect(await Promise.all(secrets.map((each) => pulumi.isSecret(each as never)))).toEqual([
    true,
    true,
  ]);
});

it("loadSettings passes no storage keys when the servers assume a role", () => {
  configure({ ...kubernetes, ...keys, backups: { bucket: { path: "s3://sark-backups" } } });
  expect(backupKeys(loadSettings())).toBeUndefined();
});

it("loadSettings rejects half a key pair and does not print the other half", () => {
  const { backupAccessKeyId } = keys;
  const found = problems({ ...kubernetes, backupAccessKeyId });
  expect(found).toEqual([
    expect.stringContaining("sark-databases:backupSecretAccessKey: got nothing; allowed: a secret"),
  ]);
  expect(found.join()).not.toContain(backupAccessKeyId);
});

it("loadSettings reports combinations, Kubernetes, secrets and servers in one error", () => {
  const found = problems({
    ...kubernetes,
    sark: { home: "kubernetes", instances: 1, synchronous: { replicas: 1 } },
    route: "direct",
    kubernetes: { namespace: "sark" },
    pool: { maxServerConnections: 100 },
  });
  expect(found.slice(0, 4)).toEqual([
    expect.stringContaining("sark-databases:kubernetes.namespace"),
    expect.stringContaining("sark-databases:sark.instances"),
    expect.stringContaining("sark-databases:backupAccessKeyId"),
    expect.stringContaining("sark-databases:backupSecretAccessKey"),
  ]);
  expect(found.slice(4).join("\n")).toMatch(/sark.max_connections: got 200.*of 160 \(80 %/s);
});

it("loadSettings reports problems that only the planned servers show", () => {
  const sark = { home: "kubernetes", parameters: { shared_buffers: "7GB" } };
  expect(problems({ ...kubernetes, ...keys, sark })).toEqual([
    expect.stringContaining("sark-databases:sark.size.memory: got 8192 MB"),
  ]);
});

it("loadSettings fills in the roles of a managed bucket for service accounts that must name them", () => {
  const issuer = `oidc.eks.eu-central-1.amazonaws.com/id/${"0123456789ABCDEF".repeat(2)}`;
  configure({
    ...kubernetes,
    backups: { bucket: { path: "s3://sark-backups", region: "eu-central-1", managed: true } },
    aws: {
      account: "111122223333",
      region: "eu-central-1",
      vpc: "vpc-0123456789abcdef0",
      subnetTags: { tier: "database" },
      sources: { eks: "sg-0123456789abcdef0" },
      cluster: { name: "sark-prod", identity: "irsa", issuer },
    },
  });
  const { backups } = loadSettings();
  expect(backups.bucket?.roles["sark-audit"]).toBe(
    `arn:aws:iam::111122223333:role/sark-${pulumi.getStack()}-archive-sark-audit`,
  );
});

describe("settings namespace", () => {
  const local = { sark: { home: "local" }, audit: { home: "local" }, route: "direct" };
  const found = (others: Record<string, string>, values: Readonly<Record<string, unknown>>) => {
    configure({ ...local, protection: false, rotation: 1, ...values });
    pulumi.runtime.setAllConfig({ ...pulumi.runtime.allConfig(), ...others });
    try {
      loadSettings();
    } catch (error) {
      if (error instanceof SettingsError) return error.message.split("\n").slice(1);
      throw error;
    }
    return [];
  };

  it.each([
    ["sark-database", "sark-databases"],
    ["Sark-Databases", "sark-databases"],
    ["sark_databases", "sark-databases"],
    ["sark", "sark-databases"],
    ["kuberntes", "kubernetes"],
    ["postgres", "postgresql"],
  ])("is rejected when misspelt: %s", (namespace, meant) => {
    expect(found({ [`${namespace}:pool`]: "{}" }, {})).toEqual([
      `${namespace}:pool: got an unknown namespace; allowed: did you mean ${meant}:pool?; ` +
        "a misspelt setting would be ignored without a warning",
    ]);
  });

  it.each(["aws:region", "kubernetes:context", "pulumi:tags", "policy:level", "gcp:zone"])(
    "is accepted when it belongs to a provider or tool: %s",
    (key) => {
      expect(found({ [key]: "x" }, {})).toEqual([]);
    },
  );

  it("is reported together with all other problems", () => {
    const pool = { colour: "red", instances: 0 };
    expect(found({ "sark-database:pool": "{}" }, { pool })).toHaveLength(3);
  });
});
