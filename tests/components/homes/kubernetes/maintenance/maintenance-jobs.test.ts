import * as pulumi from "@pulumi/pulumi";
import type { types } from "@pulumi/kubernetes";
import { contentHash } from "../../../../../components/text/fingerprint";
import {
  RESTRICTED_CONTAINER,
  RESTRICTED_POD,
} from "../../../../../components/homes/kubernetes/pod-security";
import { MAINTENANCE } from "../../../../../components/maintenance/plan/maintenance-plan";
import { jobsOn } from "../../../../support/built-cluster";
import {
  type JobSchedule,
  containersOf,
  unwrapSecret,
  podOf,
  scheduleOf,
} from "../../../../support/job-pod";
import { layerOf } from "../../../../support/kubernetes-layer";
import { plannedBy, waitsFor } from "../../../../support/kubernetes-plan";
import {
  type Registered,
  kubernetesStack,
  objectOf,
  registeredBy,
} from "../../../../support/registered";

const KEYS = {
  backupAccessKeyId: pulumi.secret("secret-key-id"),
  backupSecretAccessKey: pulumi.secret("secret-key"),
};
const build = (changes: Readonly<Record<string, unknown>> = {}) => {
  const settings = { ...kubernetesStack(changes), secrets: KEYS };
  return jobsOn(settings, [layerOf(settings, "sark"), layerOf(settings, "sark_audit")]);
};
const jobsOf = (changes: Readonly<Record<string, unknown>> = {}) =>
  registeredBy(() => build(changes));
const ofKind = (registered: readonly Registered[], kind: string) =>
  registered
    .filter(({ name, inputs }) => name.startsWith("maintenance") && inputs["kind"] === kind)
    .map(({ inputs }) => inputs);
const bucket = (more: object) => ({
  backups: { bucket: { path: "s3://sark-dev-backups", retentionDays: 30, ...more } },
});

let registered: readonly Registered[];
let cronJobs: readonly JobSchedule[];
const named = (name: string) => scheduleOf(registered, name);
const podSpecs = () => cronJobs.map(({ spec }) => spec.jobTemplate.spec.template.spec);
const containers = () => podSpecs().flatMap(containersOf);

beforeAll(async () => {
  registered = await jobsOf(bucket({ access: "keys" }));
  cronJobs = ofKind(registered, "CronJob") as unknown as JobSchedule[];
});

it("MaintenanceJobs creates a CronJob for every job", () => {
  const expected = MAINTENANCE.map(({ database, name }) => `${database.replace("_", "-")}-${name}`);
  expect(cronJobs.map(({ metadata }) => metadata.name).sort()).toEqual(expected.sort());
  expect(named("sark-vacuum").spec.schedule).toBe("0 4 * * 6");
  expect(named("sark-vacuum").metadata.annotations["kubernetes.io/description"]).toMatch(/guide/);
});

it("MaintenanceJobs limits every run's duration, retries, concurrency and history", () => {
  for (const { metadata, spec } of cronJobs) {
    const { jobTemplate, ...schedule } = spec;
    const job = MAINTENANCE.find(({ name }) => metadata.name.endsWith(`-${name}`));
    const dumps = job?.name === "dump";
    expect(schedule).toEqual({
      schedule: job?.schedule,
      timeZone: "Etc/UTC",
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: Math.min(3600, job?.deadline ?? 0),
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 3,
    });
    expect(jobTemplate.spec).toMatchObject({
      activeDeadlineSeconds: job?.deadline,
      backoffLimit: job?.retries,
      ttlSecondsAfterFinished: dumps ? 3600 : 86_400,
      podFailurePolicy: {
        rules: [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget" }] }],
      },
    });
    expect(jobTemplate.spec.template.spec.restartPolicy).toBe("Never");
  }
});

it("job pods are restricted, with limits equal to requests and minimal write access", () => {
  expect(containers()).toHaveLength(MAINTENANCE.length + 1);
  for (const spec of podSpecs()) expect(spec).toMatchObject(RESTRICTED_POD);
  for (const container of containers()) {
    expect(container).toMatchObject(RESTRICTED_CONTAINER);
    const { requests, limits } = container.resources;
    expect(Object.keys(limits).sort()).toEqual(["cpu", "ephemeral-storage", "memory"]);
    expect(requests).toEqual(limits);
    // Only in-memory volumes and the run's own volume are writable.
    for (const { name, readOnly } of container.volumeMounts) {
      const writable =
        ["private", "home"].includes(name) || (name === "dump" && container.name === "dump");
      expect([name, readOnly ?? false]).toEqual([name, !writable]);
    }
  }
});

it("job pods carry part and job labels, and only dumps may reach the object store", () => {
  for (const { metadata, spec } of cronJobs) {
    const { labels } = spec.jobTemplate.spec.template.metadata;
    expect(labels).toMatchObject({
      "app.kubernetes.io/component": "maintenance",
      "app.kubernetes.io/name": metadata.name,
      "app.kubernetes.io/part-of": "sark-databases",
    });
    expect("sark-databases/object-store" in labels).toBe(metadata.name === "sark-dump");
  }
});

it("each job has a service account without permissions", () => {
  for (const { metadata, spec } of cronJobs) {
    expect(spec.jobTemplate.spec.template.spec.serviceAccountName).toBe(metadata.name);
    const account = objectOf(registered, "ServiceAccount", metadata.name);
    expect(account["automountServiceAccountToken"]).toBe(false);
    expect(account["metadata"]).toMatchObject({ annotations: {} });
  }
});

it("jobs connect to the primary as the maintenance login, and trust the operator's CA only", () => {
  const { env, image } = podOf(registered, "sark-reindex").containers[0] ?? { env: [], image: "" };
  const values = Object.fromEntries(env.map(({ name, value }) => [name, value]));
  expect(values).toMatchObject({
    PGHOST: "sark-rw",
    PGUSER: "sark_maintain",
    PGSSLMODE: "verify-full",
    PGSSLROOTCERT: "/etc/maintenance/authority/ca.crt",
    PGCHANNELBINDING: "require",
  });
  expect(image).toMatch(/^ghcr\.io\/cloudnative-pg\/postgresql:18\./);
  const audit = podOf(registered, "sark-audit-analyze").containers[0];
  expect(audit?.image).toBe("registry.example.com/sark/timescaledb:18.6-ts2.29.2");
  const { volumes } = podOf(registered, "sark-reindex");
  expect(volumes.find(({ name }) => name === "authority")?.secret).toMatchObject({
    secretName: "sark-ca",
    items: [{ key: "ca.crt", path: "ca.crt" }],
  });
});

it("containers that connect to a database authenticate with SCRAM only", () => {
  const connecting = cronJobs
    .flatMap(({ metadata }) => {
      const { containers, initContainers } = podOf(registered, metadata.name);
      return [...(initContainers ?? []), ...containers];
    })
    .map(({ env }) => Object.fromEntries(env.map(({ name, value }) => [name, value])))
    .filter((variables) => "PGHOST" in variables);
  expect(connecting).toHaveLength(cronJobs.length);
  for (const variables of connecting) expect(variables["PGREQUIREAUTH"]).toBe("scram-sha-256");
});

it("jobs mount their files from an immutable ConfigMap named by its content", () => {
  const [map, ...more] = ofKind(registered, "ConfigMap");
  expect(more).toEqual([]);
  const { immutable, data, metadata } = map as unknown as types.output.core.v1.ConfigMap;
  expect([immutable, metadata.name]).toEqual([true, `maintenance-${contentHash(data)}`]);
  expect(Object.keys(data).sort()).toEqual([
    "analyze-hypertables.sql",
    "clean-up.sql",
    "maintenance-dump.sh",
    "maintenance-login.sh",
    "maintenance-statements.sh",
    "maintenance-upload.sh",
    "reindex.sql",
    "vacuum.sql",
  ]);
  const mounted = podSpecs().map(({ volumes }) => volumes.find(({ name }) => name === "files"));
  expect(new Set(mounted.map((volume) => volume?.configMap?.name))).toEqual(
    new Set([metadata.name]),
  );
});

it("job secrets appear only in Secrets, not in variables, arguments or ConfigMaps", () => {
  const strings = (value: unknown): readonly string[] => {
    if (typeof value === "string") return [value];
    return typeof value === "object" && value !== null ? Object.values(value).flatMap(strings) : [];
  };
  const secrets = ofKind(registered, "Secret").flatMap((each) =>
    strings(unwrapSecret(each["stringData"])),
  );
  expect(secrets.filter((each) => each.includes("secret-"))).toHaveLength(5);
  const elsewhere = ["CronJob", "ConfigMap", "ServiceAccount"].flatMap((kind) =>
    ofKind(registered, kind).flatMap(strings),
  );
  expect(elsewhere.length).toBeGreaterThan(200);
  expect(elsewhere.filter((each) => each.includes("secret-"))).toEqual([]);
  for (const container of containers()) {
    expect(container.env.filter((each) => "valueFrom" in each)).toEqual([]);
    expect("envFrom" in container).toBe(false);
  }
});

it("jobs get the password as a password file entry for one server", () => {
  expect(unwrapSecret(objectOf(registered, "Secret", "sark-audit-maintain")["stringData"])).toEqual(
    {
      username: "sark_audit_maintain",
      password: "secret-sark_audit-sark_audit_maintain-password",
      pgpass:
        "sark-audit-rw:5432:sark_audit:sark_audit_maintain:secret-sark_audit-sark_audit_maintain-password\n",
    },
  );
  expect(objectOf(registered, "Secret", "sark-maintain")["type"]).toBe("kubernetes.io/basic-auth");
});

describe("dump job", () => {
  const upload = (objects: readonly Registered[]) => {
    const [container] = podOf(objects, "sark-dump").containers;
    if (!container) throw new Error("no container");
    return container;
  };

  it("dumps with the server image, and uploads from a container without the database password", () => {
    const {
      initContainers,
      containers: [copy],
    } = podOf(registered, "sark-dump");
    expect(initContainers?.map(({ image }) => image)).toEqual([
      podOf(registered, "sark-reindex").containers[0]?.image,
    ]);
    expect(copy?.volumeMounts.map(({ name }) => name)).toEqual(["files", "dump", "home", "keys"]);
    expect(initContainers?.[0]?.volumeMounts.map(({ name }) => name)).not.toContain("keys");
  });

  it("has a volume of half the database's size, of the same StorageClass", async () => {
    const changes = {
      sark: { home: "kubernetes", size: { storage: { size: "21GiB", class: "fast" } } },
    };
    const { volumes } = podOf(await jobsOf(changes), "sark-dump");
    expect(
      volumes.find(({ name }) => name === "dump")?.ephemeral?.volumeClaimTemplate.spec,
    ).toEqual({
      accessModes: ["ReadWriteOnce"],
      storageClassName: "fast",
      resources: { requests: { storage: "11Gi" } },
    });
  });

  it("authenticates to the store with keys from a file", () => {
    expect(upload(registered).env).toContainEqual({
      name: "AWS_SHARED_CREDENTIALS_FILE",
      value: "/etc/maintenance/keys/credentials",
    });
    expect(unwrapSecret(objectOf(registered, "Secret", "sark-dump-keys")["stringData"])).toEqual({
      credentials:
        "[default]\naws_access_key_id = secret-key-id\naws_secret_access_key = secret-key\n",
    });
  });

  it("authenticates with its service account's role, which no other job has", async () => {
    const role = "arn:aws:iam::123456789012:role/sark-backups";
    const objects = await jobsOf(bucket({ role }));
    const accounts = ofKind(
      objects,
      "ServiceAccount",
    ) as unknown as types.output.core.v1.ServiceAccount[];
    const annotated = accounts.filter(
      ({ metadata }) => Object.keys(metadata.annotations).length > 0,
    );
    expect(annotated.map(({ metadata }) => [metadata.name, metadata.annotations])).toEqual([
      ["sark-dump", { "eks.amazonaws.com/role-arn": role }],
    ]);
    expect(upload(objects).volumeMounts.map(({ name }) => name)).toEqual(["files", "dump", "home"]);
    expect(ofKind(objects, "Secret")).toHaveLength(2);
  });

  it("uses its own service account's role when configured", async () => {
    const roles = { "sark-dump": "of sark-dump", "sark-vacuum": "of another" };
    const accounts = ofKind(await jobsOf(bucket({ role: "of all", roles })), "ServiceAccount").map(
      ({ metadata }) => metadata,
    ) as unknown as types.output.meta.v1.ObjectMeta[];
    const annotated = accounts.filter(({ annotations }) => Object.keys(annotations).length > 0);
    expect(annotated.map(({ annotations }) => annotations)).toEqual([
      { "eks.amazonaws.com/role-arn": "of sark-dump" },
    ]);
  });

  it("uploads to another store by its endpoint", async () => {
    const more = {
      endpoint: "https://minio.example.com",
      region: "eu-1",
      path: "s3://bucket/folder/",
    };
    const { args, env } = upload(await jobsOf(bucket(more)));
    expect(args).toEqual(["--region=eu-1", "--endpoint-url=https://minio.example.com"]);
    expect(env).toContainEqual({ name: "DUMP_TARGET", value: "s3://bucket/folder/dumps/sark" });
  });
});

it("jobs connect to the current cluster, under names of valid length", async () => {
  const audit = {
    home: "kubernetes",
    instances: 1,
    image: "registry.example.com/timescaledb:18.6",
    recovery: { generation: 1000 },
  };
  const objects = await jobsOf({ audit });
  const job = scheduleOf(objects, "sark-audit-g1000-analyze");
  const { env } = podOf(objects, job.metadata.name).containers[0] ?? { env: [] };
  expect(env).toContainEqual({ name: "PGHOST", value: "sark-audit-g1000-rw" });
  for (const { name } of MAINTENANCE)
    expect(`sark-audit-g1000-${name}`.length).toBeLessThanOrEqual(52);
});

it("MaintenanceJobs creates nothing for databases elsewhere, or with maintenance off", async () => {
  const elsewhere = await jobsOf({ sark: { home: "local" }, pool: { enabled: false } });
  expect(
    ofKind(elsewhere, "CronJob").map((each) => (each as unknown as JobSchedule).metadata.name),
  ).toEqual(["sark-audit-analyze"]);
  const off = await jobsOf({ maintenance: { enabled: false } });
  const own = off.filter(
    ({ name, type }) => name.startsWith("maintenance") && type.startsWith("kubernetes:"),
  );
  expect(own).toEqual([]);
});

it("jobs are created after the database's functions and logins", async () => {
  const planned = await plannedBy(() => build());
  expect(waitsFor(planned, "maintenance-sark-expired-sessions")).toContain("sark-migrations");
});
