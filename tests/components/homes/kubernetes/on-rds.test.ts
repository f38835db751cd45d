/** Tests the parts on Kubernetes for a database on RDS: jobs, logins and the namespace quota. */
import * as pulumi from "@pulumi/pulumi";
import { DatabaseLayer } from "../../../../components/database-layer/database-layer";
import type { DatabaseServer } from "../../../../components/homes/database-server";
import { LoginSecrets } from "../../../../components/homes/kubernetes/login-secrets";
import { createQuota } from "../../../../components/homes/kubernetes/platform/quota";
import { describeServer } from "../../../../components/homes/plan/describe-server";
import { MAINTENANCE } from "../../../../components/maintenance/plan/maintenance-plan";
import type { StackSettings } from "../../../support/parse-settings";
import { clusterStackOf, jobsOn, platformOf } from "../../../support/built-cluster";
import { AWS } from "../../../support/aws-settings";
import { type JobContainer, containersOf, unwrapSecret, podOf } from "../../../support/job-pod";
import { layerOf } from "../../../support/kubernetes-layer";
import { quantity } from "../../../support/pod-demand";
import {
  type Registered,
  kubernetesStack,
  objectOf,
  registeredBy,
} from "../../../support/registered";

const ENDPOINT = "sark-test.c1a2b3c4d5e6.eu-central-1.rds.amazonaws.com";
const settings = kubernetesStack(AWS);
const onKubernetes = kubernetesStack({ sark: { home: "kubernetes", instances: 1 } });

function rdsLayer(stack: StackSettings): DatabaseLayer {
  const at = { host: pulumi.output(ENDPOINT), port: pulumi.output(5433) };
  const plan = stack.servers.sark;
  const server: DatabaseServer = {
    ...at,
    home: "aws",
    engine: "postgresql",
    database: "sark",
    admin: {
      ...at,
      user: "sark_admin",
      password: pulumi.secret("secret-admin"),
      sslMode: "disable",
      superuser: false,
    },
    maxConnections: plan.maxConnections,
    extensions: [],
    limits: [],
    plan,
    hidesVerifiers: true,
  };
  return new DatabaseLayer("sark", { server, rotation: stack.rotation });
}

/** Jobs of sark on RDS, which has no archive in the bucket to restore. */
const JOBS = MAINTENANCE.filter(
  ({ database, work }) => database === "sark" && work.kind !== "restore drill",
);

describe("jobs of a database on RDS", () => {
  let registered: readonly Registered[];
  const names = JOBS.map(({ name }) => name);
  const clients = (): readonly JobContainer[] =>
    names.flatMap((name) => {
      const all = containersOf(podOf(registered, `sark-${name}`));
      return all.filter((each) => each.name === name);
    });
  const variable = ({ env }: JobContainer, name: string) =>
    env.find((each) => each.name === name)?.value;

  beforeAll(async () => {
    registered = await registeredBy(() => {
      const databases = [rdsLayer(settings), layerOf(settings, "sark_audit")];
      return jobsOn(settings, databases);
    });
  });

  it("connect to its endpoint, and verify it with Amazon's CAs", () => {
    expect(clients()).toHaveLength(names.length);
    const map = registered.find(({ name }) => name === "kubernetes-rds-authorities");
    const { name } = map?.inputs["metadata"] as { name: string };
    for (const client of clients()) {
      expect(variable(client, "PGHOST")).toBe(ENDPOINT);
      expect(variable(client, "PGPORT")).toBe("5433");
      expect(variable(client, "PGSSLMODE")).toBe("verify-full");
      expect(variable(client, "PGSSLROOTCERT")).toBe("/etc/maintenance/authority/ca.crt");
      expect(variable(client, "PGUSER")).toBe("sark_maintain");
      expect(client.volumeMounts).toContainEqual({
        name: "authority",
        mountPath: "/etc/maintenance/authority",
        readOnly: true,
      });
    }
    for (const job of names) {
      const volume = podOf(registered, `sark-${job}`).volumes.find(
        (each) => each.name === "authority",
      );
      expect(volume).toEqual({
        name: "authority",
        configMap: { name, items: [{ key: "ca.crt", path: "ca.crt" }], defaultMode: 0o440 },
      });
    }
  });

  it("have a password file entry for this server and database only", () => {
    const { stringData } = objectOf(registered, "Secret", "sark-maintain");
    const { pgpass } = unwrapSecret(stringData) as { pgpass: string };
    expect(pgpass).toMatch(
      new RegExp(`^${ENDPOINT.replaceAll(".", "\\.")}:5433:sark:sark_maintain:[\\w-]+\\n$`),
    );
  });

  it("exclude the unreadable table of verifiers from dumps", () => {
    const dump = clients().find(({ name }) => name === "dump");
    expect(dump?.args).toContain("--exclude-schema=pgbouncer");
  });

  it("do not change the other database's jobs", () => {
    const analyze = containersOf(podOf(registered, "sark-audit-analyze"))[0];
    expect(analyze && variable(analyze, "PGHOST")).toBe("sark-audit-rw");
    expect(analyze && variable(analyze, "PGCHANNELBINDING")).toBe("require");
  });

  it("count as sessions in the connection budget", () => {
    const jobs = (stack: StackSettings) =>
      describeServer(stack, "sark", stack.servers.sark.size).sessions.extra;
    expect(jobs(settings)).toEqual([expect.objectContaining({ name: "maintenance" })]);
    // On Kubernetes the restore drill is another one; RDS restores its own backups.
    const count = (stack: StackSettings) => jobs(stack)?.[0]?.count ?? 0;
    expect(count(onKubernetes) - count(settings)).toBe(1);
  });
});

describe("login Secrets of a database on RDS", () => {
  it("contain the RDS endpoint without a pool", async () => {
    const registered = await registeredBy(() => {
      const platform = platformOf(settings);
      return new LoginSecrets("logins", {
        platform,
        databases: [rdsLayer(settings)],
        pool: undefined,
        namespace: "sark",
      });
    });
    for (const name of ["sark-app", "sark-readonly"]) {
      const { metadata, stringData } = objectOf(registered, "Secret", name);
      expect(metadata).toMatchObject({ namespace: "sark" });
      expect(unwrapSecret(stringData)).toMatchObject({
        host: ENDPOINT,
        port: "5433",
        dbname: "sark",
      });
    }
  });
});

describe("namespace quota with sark on RDS", () => {
  const hardOf = async (stack: StackSettings): Promise<(key: string) => number> => {
    const registered = await registeredBy(() => {
      createQuota("quota", clusterStackOf(stack), stack.servers);
    });
    const { spec } = objectOf(registered, "ResourceQuota", "total") as {
      spec: { hard: Readonly<Record<string, string>> };
    };
    return (key) => quantity(spec.hard[key] ?? "0");
  };

  it("covers sark's jobs, gateway and exporter, but not its servers", async () => {
    const jobs = JOBS.length + 1;
    const [hard, without] = [
      await hardOf(settings),
      await hardOf(kubernetesStack({ ...AWS, maintenance: { enabled: false } })),
    ];
    const audit = MAINTENANCE.filter(({ database }) => database === "sark_audit").length + 1;
    expect(hard("pods") - without("pods")).toBe(jobs + audit);
    const direct = await hardOf(kubernetesStack({ ...AWS, route: "direct" }));
    expect(hard("pods") - direct("pods")).toBe(2);
    expect(hard("requests.memory") - direct("requests.memory")).toBe(2 * 64 * 2 ** 20);
    const unread = await hardOf(
      kubernetesStack({ ...AWS, aws: { ...AWS.aws, exporter: { enabled: false } } }),
    );
    expect(hard("pods") - unread("pods")).toBe(2);
    expect(hard("requests.memory") - unread("requests.memory")).toBe(2 * 128 * 2 ** 20);
    const here = await hardOf(
      kubernetesStack({ ...AWS, sark: { home: "kubernetes", instances: 1 } }),
    );
    expect(here("persistentvolumeclaims")).toBeGreaterThan(hard("persistentvolumeclaims"));
  });
});
