import {
  objectStore,
  scheduledBackup,
  scheduledSnapshots,
} from "../../../../../components/homes/kubernetes/database/cluster-backups";
import { POD_ALLOWANCES } from "../../../../../components/homes/kubernetes/platform/quota";
import { kubernetesStack } from "../../../../support/registered";
import { type Changes, bucket, sark, specOf } from "./cluster-specs";

function storeOf(more: Changes = {}, managed = false) {
  const { backups } = kubernetesStack({ backups: { retentionDays: 21, bucket: bucket(more) } });
  if (!backups.bucket) throw new Error("no bucket");
  const given = { ...backups.bucket, managed };
  return objectStore("sark", backups, given, "sark-databases") as unknown as Record<
    string,
    Changes
  >;
}

describe("initial data of a cluster", () => {
  it("is an empty database owned by the administrator", () => {
    expect(specOf().bootstrap).toEqual({
      initdb: expect.objectContaining({
        database: "sark",
        owner: "sark_admin",
        secret: { name: "sark-admin" },
        encoding: "UTF8",
        localeProvider: "builtin",
        builtinLocale: "C.UTF-8",
      }) as unknown,
    });
    expect(specOf()).not.toHaveProperty("externalClusters");
  });

  it("sorts by libc locale C on versions without a built-in locale", () => {
    const { initdb } = specOf(sark({ majorVersion: 16 })).bootstrap ?? {};
    expect(initdb).toMatchObject({ localeCollate: "C", localeCType: "C" });
    expect(initdb).not.toHaveProperty("builtinLocale");
    expect(initdb).not.toHaveProperty("localeProvider");
  });

  it("comes from a backup on recovery, with the administrator's new password", () => {
    const recovery = { generation: 3, from: 1, time: "2026-03-01T10:00:00+01:00" };
    const spec = specOf(sark({ recovery }));
    expect(spec.bootstrap).toEqual({
      recovery: {
        source: "sark",
        database: "sark",
        owner: "sark_admin",
        secret: { name: "sark-g3-admin" },
        recoveryTarget: { targetTime: "2026-03-01T10:00:00+01:00" },
      },
    });
    const archive = (serverName: string) => ({
      name: "barman-cloud.cloudnative-pg.io",
      parameters: { barmanObjectName: "sark-archive", serverName },
    });
    expect(spec.externalClusters).toEqual([{ name: "sark", plugin: archive("sark") }]);
    expect(spec.plugins).toEqual([{ ...archive("sark-g3"), isWALArchiver: true }]);
  });

  it("comes from the previous cluster, up to the end of its archive, by default", () => {
    const spec = specOf(sark({ recovery: { generation: 3 } }));
    expect(spec.bootstrap?.recovery).toMatchObject({ source: "sark-g2" });
    expect(spec.bootstrap?.recovery).not.toHaveProperty("recoveryTarget");
  });

  it("is read from an old-name cluster's folder when oldNames covers it", () => {
    const spec = specOf(sark({ recovery: { generation: 3, oldNames: 2 } }));
    expect(spec.bootstrap?.recovery).toMatchObject({
      source: "sark-2",
      secret: { name: "sark-g3-admin" },
    });
    expect(spec.externalClusters).toMatchObject([
      { name: "sark-2", plugin: { parameters: { serverName: "sark-2" } } },
    ]);
    expect(spec.plugins).toMatchObject([{ parameters: { serverName: "sark-g3" } }]);
  });
});

describe("archive of a cluster", () => {
  it("is accessed with the role on the servers' service account", () => {
    const role = "arn:aws:iam::123456789012:role/backups";
    const spec = specOf({ backups: { bucket: bucket({ role }) } });
    expect(spec.serviceAccountTemplate?.metadata.annotations).toEqual({
      "eks.amazonaws.com/role-arn": role,
    });
    expect(storeOf({ role })["spec"]).toMatchObject({
      configuration: { s3Credentials: { inheritFromIAMRole: true } },
    });
  });

  it("is accessed with an ambient role when none is named", () => {
    const spec = specOf({ backups: { bucket: bucket({}) } });
    expect(spec).not.toHaveProperty("serviceAccountTemplate");
    expect(spec.plugins).toHaveLength(1);
  });

  it("is accessed with a role per cluster when configured", () => {
    const roles = { sark: "of sark", "sark-audit": "of sark-audit" };
    const annotated = (database: "sark" | "sark_audit") =>
      specOf({ backups: { bucket: bucket({ role: "of all", roles }) } }, database)
        .serviceAccountTemplate?.metadata.annotations;
    expect(annotated("sark")).toEqual({ "eks.amazonaws.com/role-arn": "of sark" });
    expect(annotated("sark_audit")).toEqual({ "eks.amazonaws.com/role-arn": "of sark-audit" });
  });

  it("is accessed only with keys from a Secret when access is keys", () => {
    const name = "sark-archive-keys";
    expect(storeOf({ access: "keys" })["spec"]?.["configuration"]).toMatchObject({
      s3Credentials: {
        accessKeyId: { name, key: "access-key-id" },
        secretAccessKey: { name, key: "secret-access-key" },
      },
    });
    const spec = specOf({ backups: { bucket: bucket({ access: "keys" }) } });
    expect(spec).not.toHaveProperty("serviceAccountTemplate");
  });

  it("has the configured location and retention", () => {
    const { metadata, spec } = storeOf();
    expect(metadata).toMatchObject({ name: "sark-archive", namespace: "sark-databases" });
    expect(spec).toMatchObject({
      retentionPolicy: "21d",
      configuration: { destinationPath: "s3://sark-dev-backups/folder" },
    });
    expect(spec?.["configuration"]).not.toHaveProperty("endpointURL");
  });

  it("leaves expiry to the bucket's lifecycle rules when the stack manages the bucket", () => {
    const store = storeOf({}, true);
    expect(store).toHaveProperty("spec.configuration.destinationPath");
    expect(store).not.toHaveProperty("spec.retentionPolicy");
  });

  it("disables newer checksums for storage other than Amazon's", () => {
    const variables = (more: Changes) => {
      const { env } = storeOf(more)["spec"]?.["instanceSidecarConfiguration"] as {
        env: readonly { name: string; value: string }[];
      };
      return Object.fromEntries(env.map(({ name, value }) => [name, value]));
    };
    expect(variables({ region: "eu-central-1" })).toEqual({ AWS_DEFAULT_REGION: "eu-central-1" });
    expect(variables({ endpoint: "https://s3.example.com" })).toMatchObject({
      AWS_REQUEST_CHECKSUM_CALCULATION: "when_required",
      AWS_RESPONSE_CHECKSUM_VALIDATION: "when_required",
    });
    expect(storeOf({ endpoint: "https://s3.example.com" })["spec"]).toMatchObject({
      configuration: { endpointURL: "https://s3.example.com" },
    });
  });

  it("is written by a sidecar whose limits equal its requests and match the quota", () => {
    const { resources } = storeOf()["spec"]?.["instanceSidecarConfiguration"] as {
      resources: { requests: Changes; limits: Changes };
    };
    expect(resources.limits).toEqual(resources.requests);
    expect(POD_ALLOWANCES.sidecar).toEqual({ cpu: 0.5, memory: 2 ** 30 });
    expect(resources.requests).toMatchObject({ cpu: "500m", memory: "1Gi" });
  });

  it("is not configured without a bucket", () => {
    const spec = specOf({ backups: {} });
    expect(spec).not.toHaveProperty("plugins");
    expect(spec).not.toHaveProperty("serviceAccountTemplate");
  });

  it("gets a base backup immediately and then by schedule", () => {
    const own = { database: "sark", recovery: { generation: 2 } } as const;
    const backup = scheduledBackup(own, { schedule: "0 30 1 * * 0" }, "sark-databases");
    backup.validate();
    expect(backup.metadata).toMatchObject({ name: "sark-g2", namespace: "sark-databases" });
    expect(backup.spec).toEqual({
      cluster: { name: "sark-g2" },
      schedule: "0 30 1 * * 0",
      immediate: true,
      method: "plugin",
      pluginConfiguration: { name: "barman-cloud.cloudnative-pg.io" },
      target: "prefer-standby",
      backupOwnerReference: "cluster",
    });
  });
});

it("volume snapshots are taken by schedule, with the configured class", () => {
  const snapshots = { class: "fast", schedule: "0 0 14 * * *" };
  const spec = specOf({ kubernetes: { snapshots } });
  expect(spec.backup).toEqual({ volumeSnapshot: { className: "fast" } });
  expect(specOf({})).not.toHaveProperty("backup");
  const taken = scheduledSnapshots({ database: "sark" }, snapshots, "sark-databases");
  taken.validate();
  expect(taken.metadata.name).toBe("sark-snapshots");
  expect(taken.spec).toMatchObject({
    cluster: { name: "sark" },
    schedule: "0 0 14 * * *",
    method: "volumeSnapshot",
  });
});
