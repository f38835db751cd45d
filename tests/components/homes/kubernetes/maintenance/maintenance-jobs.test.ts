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
    const job = MAINTENANCE.find(
      ({ name, database }) => metadata.name === `${database.replace("_", "-")}-${name}`,
    );
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
      ttlSecondsAfterFinished: job?.name === "restore-drill" ? 3600 : 86_400,
      podFailurePolicy: {
        rules: [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget" }] }],
      },
    });
    expect(jobTemplate.spec.template.spec.restartPolicy).toBe("Never");
  }
});

it("job pods are restricted, with limits equal to requests and minimal write access", () => {
  // The dump has a second container, each drill two more.
  expect(containers()).toHaveLength(MAINTENANCE.length + 1 + 2 * 2);
  for (const spec of podSpecs()) expect(spec).toMatchObject(RESTRICTED_POD);
  for (const container of containers()) {
    expect(container).toMatchObject(RESTRICTED_CONTAINER);
    const { requests, limits } = container.resources;
    expect(Object.keys(limits).sort()).toEqual(["cpu", "ephemeral-storage", "memory"]);
    expect(requests).toEqual(limits);
    // Only in-memory volumes and the run's own volume are writable.
    for (const { name, readOnly } of container.volumeMounts) {
      const writable = ["private", "home", "shared"].includes(name);
      expect([name, readOnly ?? false]).toEqual([name, !writable]);
    }
  }
});

it("job pods carry part and job labels, and only dumps and restore drills may reach the object store", () => {
  for (const { metadata, spec } of cronJobs) {
    const { labels } = spec.jobTemplate.spec.template.metadata;
    expect(labels).toMatchObject({
      "app.kubernetes.io/component": "maintenance",
      "app.kubernetes.io/name": metadata.name,
      "app.kubernetes.io/part-of": "sark-databases",
    });
    expect("sark-databases/object-store" in labels).toBe(
      /-(dump|restore-drill)$/.test(metadata.name),
    );
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
  // A drill connects for its record, and to report.
  expect(connecting).toHaveLength(cronJobs.length + 2);
  for (const variables of connecting) expect(variables["PGREQUIREAUTH"]).toBe("scram-sha-256");
});

it("jobs mount their files from an immutable ConfigMap named by its content", () => {
  const [map, ...more] = ofKind(registered, "ConfigMap");
  expect(more).toEqual([]);
  const { immutable, data, metadata } = map as unknown as types.output.core.v1.ConfigMap;
  expect([immutable, metadata.name]).toEqual([true, `maintenance-${contentHash(data)}`]);
  expect(Object.keys(data).sort()).toEqual([
    "analyze-hypertables.sql",
    "backup-run.sql",
    "clean-up.sql",
    "dump.sql",
    "maintenance-dump.sh",
    "maintenance-login.sh",
    "maintenance-statements.sh",
    "maintenance-stream.sh",
    "maintenance-upload.py",
    "record-statement.sql",
    "record.sql",
    "reindex.sql",
    "restore-drill.sh",
    "restore-fetch.py",
    "restore-record.sh",
    "restored.sql",
    "vacuum.sql",
    "verify-audit-digests.sql",
    "writers.sql",
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
  expect(secrets.filter((each) => each.includes("secret-"))).toHaveLength(6);
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

const containersNamed = (objects: readonly Registered[], job: string) =>
  Object.fromEntries(containersOf(podOf(objects, job)).map((each) => [each.name, each]));

describe("dump and restore drill", () => {
  const upload = (objects: readonly Registered[]) => {
    const { upload: container } = containersNamed(objects, "sark-dump");
    if (!container) throw new Error("no container");
    return container;
  };

  it("a dump streams from the server's image to a container without the database password", () => {
    const { initContainers, volumes } = podOf(registered, "sark-dump");
    const { dump, upload: copy } = containersNamed(registered, "sark-dump");
    expect(initContainers).toBeUndefined();
    expect(dump?.image).toBe(podOf(registered, "sark-reindex").containers[0]?.image);
    expect(copy?.image).toMatch(/\/plugin-barman-cloud-sidecar:/);
    expect(copy?.volumeMounts.map(({ name }) => name)).toEqual(["files", "shared", "home", "keys"]);
    expect(dump?.volumeMounts.map(({ name }) => name)).not.toContain("keys");
    expect(volumes.filter(({ ephemeral }) => ephemeral)).toEqual([]);
  });

  it("a restore drill reads the bucket in a container without the database password", () => {
    const { initContainers = [], containers: own } = podOf(registered, "sark-restore-drill");
    expect([...initContainers, ...own].map(({ name }) => name)).toEqual([
      "record",
      "fetch",
      "restore-drill",
    ]);
    for (const { name, volumeMounts } of [...initContainers, ...own]) {
      const secrets = volumeMounts.filter((each) => ["keys", "login"].includes(each.name));
      expect(secrets.map((each) => each.name)).toEqual([name === "fetch" ? "keys" : "login"]);
    }
  });

  it("a restore drill starts the server with its libraries, and has a volume of its class for data and WAL", async () => {
    const changes = {
      sark: {
        home: "kubernetes",
        size: { storage: { size: "21GiB", wal: "4GiB", class: "fast" } },
      },
    };
    const { volumes } = podOf(await jobsOf(changes), "sark-restore-drill");
    expect(
      volumes.find(({ name }) => name === "shared")?.ephemeral?.volumeClaimTemplate.spec,
    ).toEqual({
      accessModes: ["ReadWriteOnce"],
      storageClassName: "fast",
      resources: { requests: { storage: "25Gi" } },
    });
    const { "restore-drill": server } = containersNamed(registered, "sark-audit-restore-drill");
    const preload = server?.env.find(({ name }) => name === "DRILL_PRELOAD")?.value;
    expect(preload).toMatch(/^timescaledb\b/);
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

  it("jobs authenticate with their service account's role, if they use the bucket", async () => {
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
      ["sark-restore-drill", { "eks.amazonaws.com/role-arn": role }],
      ["sark-audit-restore-drill", { "eks.amazonaws.com/role-arn": role }],
    ]);
    expect(upload(objects).volumeMounts.map(({ name }) => name)).toEqual([
      "files",
      "shared",
      "home",
    ]);
    expect(ofKind(objects, "Secret")).toHaveLength(2);
  });

  it("uses its own service account's role when configured", async () => {
    const roles = { "sark-dump": "of sark-dump", "sark-vacuum": "of another" };
    const accounts = ofKind(await jobsOf(bucket({ roles })), "ServiceAccount").map(
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
    const { env } = upload(await jobsOf(bucket(more)));
    expect(env).toContainEqual({ name: "AWS_DEFAULT_REGION", value: "eu-1" });
    expect(env).toContainEqual({ name: "AWS_ENDPOINT_URL", value: "https://minio.example.com" });
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
  const elsewhere = await jobsOf({
    ...bucket({ access: "keys" }),
    sark: { home: "local" },
    pool: { enabled: false },
  });
  expect(
    ofKind(elsewhere, "CronJob").map((each) => (each as unknown as JobSchedule).metadata.name),
  ).toEqual(["sark-audit-analyze", "sark-audit-restore-drill"]);
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
