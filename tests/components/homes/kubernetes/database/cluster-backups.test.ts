import {
  objectStore,
  scheduledBackup,
} from "../../../../../components/homes/kubernetes/database/cluster-backups";
import { ALLOWANCE } from "../../../../../components/homes/kubernetes/platform/quota";
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

describe("the first data", () => {
  it("is an empty database that the administrator owns", () => {
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

  it("is ordered by the C library's plainest locale before PostgreSQL had one of its own", () => {
    const { initdb } = specOf(sark({ majorVersion: 16 })).bootstrap ?? {};
    expect(initdb).toMatchObject({ localeCollate: "C", localeCType: "C" });
    expect(initdb).not.toHaveProperty("builtinLocale");
    expect(initdb).not.toHaveProperty("localeProvider");
  });

  it("is a backup's where the settings say so, under the administrator's new password", () => {
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

  it("is that of the cluster before, to the end of its archive, where no more is said", () => {
    const spec = specOf(sark({ recovery: { generation: 3 } }));
    expect(spec.bootstrap?.recovery).toMatchObject({ source: "sark-g2" });
    expect(spec.bootstrap?.recovery).not.toHaveProperty("recoveryTarget");
  });

  it("is read from the folder of a cluster with an old name, where the settings say that it has one", () => {
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

describe("the archive", () => {
  it("is opened by a role of the servers' account", () => {
    const role = "arn:aws:iam::123456789012:role/backups";
    const spec = specOf({ backups: { bucket: bucket({ role }) } });
    expect(spec.serviceAccountTemplate?.metadata.annotations).toEqual({
      "eks.amazonaws.com/role-arn": role,
    });
    expect(storeOf({ role })["spec"]).toMatchObject({
      configuration: { s3Credentials: { inheritFromIAMRole: true } },
    });
  });

  it("is opened by a role that the account has from elsewhere, where none is named", () => {
    const spec = specOf({ backups: { bucket: bucket({}) } });
    expect(spec).not.toHaveProperty("serviceAccountTemplate");
    expect(spec.plugins).toHaveLength(1);
  });

  it("is opened by a role of each cluster's own, where there is one", () => {
    const roles = { sark: "of sark", "sark-audit": "of sark-audit" };
    const annotated = (database: "sark" | "sark_audit") =>
      specOf({ backups: { bucket: bucket({ role: "of all", roles }) } }, database)
        .serviceAccountTemplate?.metadata.annotations;
    expect(annotated("sark")).toEqual({ "eks.amazonaws.com/role-arn": "of sark" });
    expect(annotated("sark_audit")).toEqual({ "eks.amazonaws.com/role-arn": "of sark-audit" });
  });

  it("is opened by keys in a Secret, and by them alone", () => {
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

  it("is where and for as long as the settings say", () => {
    const { metadata, spec } = storeOf();
    expect(metadata).toMatchObject({ name: "sark-archive", namespace: "sark-databases" });
    expect(spec).toMatchObject({
      retentionPolicy: "21d",
      configuration: { destinationPath: "s3://sark-dev-backups/folder" },
    });
    expect(spec?.["configuration"]).not.toHaveProperty("endpointURL");
  });

  it("is emptied by the bucket alone where the stack makes it, as the servers may not", () => {
    const store = storeOf({}, true);
    expect(store).toHaveProperty("spec.configuration.destinationPath");
    expect(store).not.toHaveProperty("spec.retentionPolicy");
  });

  it("speaks to other storage than Amazon's as that understands it", () => {
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

  it("is written by a container that gets what it asks for, as much as the quota counts", () => {
    const { resources } = storeOf()["spec"]?.["instanceSidecarConfiguration"] as {
      resources: { requests: Changes; limits: Changes };
    };
    expect(resources.limits).toEqual(resources.requests);
    expect(ALLOWANCE.sidecar).toEqual({ cpu: 0.5, memory: 2 ** 30 });
    expect(resources.requests).toMatchObject({ cpu: "500m", memory: "1Gi" });
  });

  it("is not written to without a bucket", () => {
    const spec = specOf({ backups: {} });
    expect(spec).not.toHaveProperty("plugins");
    expect(spec).not.toHaveProperty("serviceAccountTemplate");
  });

  it("gets a base backup at once and then by schedule", () => {
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
