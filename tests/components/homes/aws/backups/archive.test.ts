import type { Registration } from "../../../../../engine/embedded/registration";
import { shortName } from "../../../../../engine/names";
import { decide, readPolicy } from "../../../../support/iam";
import { type Built, ISSUER, amazon, backupStack, bucket, built, waitsFor } from "./built-backups";

let production: Built;
beforeAll(async () => {
  production = await built(backupStack());
});

/** Buckets of backups and of their access logs, in both regions. */
const ARCHIVES = ["backups-archive-bucket", "backups-archive-copy-bucket"];
const LOGS = ["backups-archive-logs", "backups-archive-copy-logs"];
const BUCKETS = [...ARCHIVES, ...LOGS];

const regionOf = ({ provider }: Registration) =>
  shortName(provider.split("::").slice(0, -1).join("::"));

describe.each(BUCKETS)("bucket %s", (name) => {
  const part = (suffix: string) => production.named(`${name}-${suffix}`);

  it("is protected, never emptied, and retained with its policy, lock and other settings", () => {
    const parts = production.planned.filter((each) => each.name.startsWith(name));
    expect(parts.length).toBeGreaterThanOrEqual(8);
    expect(production.named(name).protect).toBe(true);
    expect(production.inputsOf(name)["forceDestroy"]).toBe(false);
    expect(parts.map((each) => each.retainOnDelete)).toEqual(parts.map(() => true));
    expect(parts.map((each) => each.ignoreChanges)).toEqual(parts.map(() => []));
    expect(new Set(parts.map(regionOf)).size).toBe(1);
  });

  it("blocks public access and ACLs", () => {
    expect(part("wall").inputs).toMatchObject({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(part("ownership").inputs).toMatchObject({
      rule: { objectOwnership: "BucketOwnerEnforced" },
    });
  });

  it("has versioning and sends events to EventBridge", () => {
    expect(part("versioning").inputs).toMatchObject({
      versioningConfiguration: { status: "Enabled" },
    });
    expect(part("events").inputs).toMatchObject({ eventbridge: true });
  });

  it("refuses requests without TLS from everybody", () => {
    const policy = readPolicy(part("policy").inputs["policy"]);
    const own = String(production.inputsOf(name)["bucket"]);
    const all = { Sid: "All", Effect: "Allow", Action: "*", Resource: "*" } as const;
    const reads = (resource: string, secure: string) =>
      decide([all, ...policy], {
        by: "arn:aws:iam::111122223333:role/somebody",
        action: "s3:GetObject",
        resource: `arn:aws:s3:::${resource}`,
        context: { "aws:SecureTransport": secure, "s3:TlsVersion": "1.2" },
      });
    expect(reads(`${own}/1`, "false")).toBe("Deny");
    expect(reads(own, "false")).toBe("Deny");
    expect(reads(`${own}/1`, "true")).toBe("Allow");
  });

  it("gets its public access block before its policy, and versioning before lifecycle rules", () => {
    expect(waitsFor(part("wall"))).toContain(`${name}-ownership`);
    expect(waitsFor(part("policy"))).toContain(`${name}-wall`);
    expect(waitsFor(part("lifecycle"))).toContain(`${name}-versioning`);
  });

  it("deletes unfinished uploads after 7 days", () => {
    expect(part("lifecycle").inputs["rules"]).toContainEqual(
      expect.objectContaining({ abortIncompleteMultipartUpload: { daysAfterInitiation: 7 } }),
    );
  });
});

describe.each(ARCHIVES)("backup bucket %s", (name) => {
  it("has object lock from its creation", () => {
    expect(production.inputsOf(name)["objectLockEnabled"]).toBe(true);
    expect(production.inputsOf(`${name}-lock`)).toMatchObject({
      rule: { defaultRetention: { mode: "GOVERNANCE", days: 32 } },
    });
    expect(waitsFor(production.named(`${name}-lock`))).toContain(`${name}-versioning`);
  });

  it("is encrypted with its own key", () => {
    const key = name.replace("-bucket", "-key");
    expect(production.inputsOf(`${name}-encryption`)).toMatchObject({
      rules: [
        {
          bucketKeyEnabled: true,
          applyServerSideEncryptionByDefault: {
            sseAlgorithm: "aws:kms",
            kmsMasterKeyId: `arn of ${key}`,
          },
        },
      ],
    });
    expect(production.named(key)).toMatchObject({ protect: true, retainOnDelete: true });
    expect(production.inputsOf(key)).toMatchObject({
      enableKeyRotation: true,
      deletionWindowInDays: 30,
    });
  });

  it("moves objects to colder classes and then expires them", () => {
    expect(production.inputsOf(`${name}-lifecycle`)).toMatchObject({
      transitionDefaultMinimumObjectSize: "all_storage_classes_128K",
      rules: [
        {
          id: "colder",
          transitions: [
            { days: 30, storageClass: "STANDARD_IA" },
            { days: 60, storageClass: "GLACIER_IR" },
          ],
        },
        { expiration: { days: 365 }, noncurrentVersionExpiration: { noncurrentDays: 30 } },
        { expiration: { expiredObjectDeleteMarker: true } },
      ],
    });
  });

  it("writes access logs to its log bucket", () => {
    const logs = name.replace("-bucket", "-logs");
    const bucketName = String(production.inputsOf(name)["bucket"]);
    const logging = name.replace("-bucket", "-logging");
    expect(production.inputsOf(logging)).toMatchObject({ targetPrefix: `${bucketName}/` });
    const { propertyDependencies } = production.named(logging);
    expect(propertyDependencies["bucket"]?.map(shortName)).toContain(name);
    expect(propertyDependencies["targetBucket"]?.map(shortName)).toContain(logs);
    const log = (by: string) =>
      decide(readPolicy(production.inputsOf(`${logs}-policy`)["policy"]), {
        by,
        action: "s3:PutObject",
        resource: `arn:aws:s3:::${bucketName}-logs/${bucketName}/111122223333/1`,
        context: {
          "aws:SecureTransport": "true",
          "aws:SourceAccount": "111122223333",
          "aws:SourceArn": `arn:aws:s3:::${bucketName}`,
        },
      });
    expect(log("logging.s3.amazonaws.com")).toBe("Allow");
    expect(log("arn:aws:iam::111122223333:role/somebody")).toBe("Deny");
  });

  it("refuses deletions by the roles that write to it", () => {
    const policy = readPolicy(production.inputsOf(`${name}-policy`)["policy"]);
    const all = { Sid: "All", Effect: "Allow", Action: "*", Resource: "*" } as const;
    const deletes = (role: string) =>
      decide([all, ...policy], {
        by: `arn:aws:iam::111122223333:role/${role}`,
        action: "s3:DeleteObjectVersion",
        resource: `arn:aws:s3:::${String(production.inputsOf(name)["bucket"])}/prod/1`,
        context: { "aws:SecureTransport": "true", "s3:TlsVersion": "1.3" },
      });
    expect(deletes("sark-prod-archive-sark-audit")).toBe("Deny");
    expect(deletes("somebody")).toBe("Allow");
  });
});

describe.each(LOGS)("log bucket %s", (name) => {
  it("has no lock and no KMS key, as S3 could not write logs with either", () => {
    expect(production.inputsOf(name)["objectLockEnabled"]).toBe(false);
    expect(production.planned.map((each) => each.name)).not.toContain(`${name}-lock`);
    expect(production.inputsOf(`${name}-encryption`)["rules"]).toEqual([
      { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } },
    ]);
  });

  it("keeps access logs for logRetentionDays", () => {
    expect(production.inputsOf(`${name}-lifecycle`)["rules"]).toMatchObject([
      { expiration: { days: 400 }, noncurrentVersionExpiration: { noncurrentDays: 30 } },
      { expiration: { expiredObjectDeleteMarker: true } },
    ]);
  });
});

it("destroy retains backup buckets with their policies, replication and roles", () => {
  const archive = production.planned.filter(({ name }) => name.startsWith("backups-archive"));
  expect(archive.length).toBeGreaterThan(40);
  const going = archive.filter(({ retainOnDelete }) => !retainOnDelete).map(({ name }) => name);
  // Roles of jobs, which are deleted with the stack.
  expect(
    going.filter((name) => !/^backups-archive-roles-sark.*-(dump|restore-drill)/.test(name)),
  ).toEqual([]);
});

it("backup buckets, keys and vaults keep their URNs, which only an alias may change", () => {
  const kept = production.planned.filter(({ protect }) => protect);
  expect(kept.map(({ urn }) => urn.split("::").slice(2).join("::")).sort()).toEqual(
    [
      ...BUCKETS.map(
        (name) => `sark:aws:BackupBucket$sark:aws:GuardedBucket$aws:s3/bucket:Bucket::${name}`,
      ),
      ...["backups-archive-key", "backups-archive-copy-key"].map(
        (name) => `sark:aws:Archive$sark:aws:BackupBucket$aws:kms/key:Key::${name}`,
      ),
      ...["backups-vault-key", "backups-vault-copy-key"].map(
        (name) => `sark:aws:AwsBackups$sark:aws:BackupVault$aws:kms/key:Key::${name}`,
      ),
      ...["backups-vault", "backups-vault-copy"].map(
        (name) => `sark:aws:AwsBackups$sark:aws:BackupVault$aws:backup/vault:Vault::${name}`,
      ),
    ].sort(),
  );
});

describe("settings of the backup bucket", () => {
  it("decide its lock, retention and name", async () => {
    const { inputsOf } = await built(
      backupStack(
        bucket({ path: "s3://other", lock: { mode: "compliance", days: 90 }, retentionDays: 100 }),
      ),
    );
    expect(inputsOf("backups-archive-bucket")["bucket"]).toBe("other");
    expect(inputsOf("backups-archive-logs")["bucket"]).toBe("other-logs");
    expect(inputsOf("backups-archive-copy-bucket")["bucket"]).toBe("other-copy");
    expect(inputsOf("backups-archive-copy-logs")["bucket"]).toBe("other-copy-logs");
    expect(inputsOf("backups-archive-bucket-lock")).toMatchObject({
      rule: { defaultRetention: { mode: "COMPLIANCE", days: 90 } },
    });
    expect(inputsOf("backups-archive-bucket-lifecycle")["rules"]).toContainEqual(
      expect.objectContaining({ expiration: { days: 100 } }),
    );
  });

  it("leave it unprotected without protection", async () => {
    const { planned } = await built(
      backupStack({ protection: false, kubernetes: { retain: false } }),
    );
    expect(planned.filter(({ protect, retainOnDelete }) => protect || retainOnDelete)).toEqual([]);
  });

  it("create nothing when it is not managed", async () => {
    const { planned, backups } = await built(backupStack(bucket({ managed: false })));
    expect(backups.archive).toBeUndefined();
    expect(planned.filter(({ name }) => name.startsWith("backups-archive"))).toEqual([]);
  });
});

describe("the copy of the backup bucket", () => {
  it("is in the second region, and is not created without one", async () => {
    const regions = BUCKETS.map((name) => regionOf(production.named(name)));
    expect(regions).toEqual(["aws", "aws-second", "aws", "aws-second"]);
    for (const none of [
      { secondRegion: undefined },
      { secondRegion: { region: "eu-west-1", backups: false } },
    ]) {
      const { planned } = await built(backupStack(amazon(none)));
      expect(planned.filter(({ provider }) => provider.includes("aws-second"))).toEqual([]);
      expect(planned.filter(({ name }) => /cop(y|ier)/.test(name))).toEqual([]);
      const key = planned.find(({ name }) => name === "backups-archive-key");
      expect(readPolicy(key?.inputs["policy"]).map(({ Sid }) => Sid)).toEqual([
        "AccountDecidesByItsOwnPolicies",
        "ServersWriteAndRead",
      ]);
    }
  });

  it("receives every object with its lock under the copy's own key, and no deletions", () => {
    const copying = production.named("backups-archive-copying");
    expect(copying.inputs).toMatchObject({
      role: "arn:aws:iam::111122223333:role/sark-prod-replication",
      rules: [
        {
          status: "Enabled",
          filter: { prefix: "" },
          deleteMarkerReplication: { status: "Disabled" },
          sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } },
          destination: {
            bucket: "arn:aws:s3:::sark-backups-copy",
            encryptionConfiguration: { replicaKmsKeyId: "arn of backups-archive-copy-key" },
            metrics: { status: "Enabled" },
          },
        },
      ],
    });
    expect(waitsFor(copying)).toEqual(
      expect.arrayContaining(ARCHIVES.map((name) => `${name}-versioning`)),
    );
  });

  it("is written by a role that exists before the keys that name it", () => {
    expect(production.inputsOf("backups-archive-copier")["name"]).toBe("sark-prod-replication");
    for (const key of ["backups-archive-key", "backups-archive-copy-key"]) {
      expect(waitsFor(production.named(key))).toContain("backups-archive-copier");
    }
    const uses = (key: string, action: string, region: string, name: string) =>
      decide(readPolicy(production.inputsOf(key)["policy"]), {
        by: "arn:aws:iam::111122223333:role/sark-prod-replication",
        action,
        resource: "*",
        context: {
          "kms:ViaService": `s3.${region}.amazonaws.com`,
          "kms:EncryptionContext:aws:s3:arn": `arn:aws:s3:::${name}`,
        },
      });
    expect(uses("backups-archive-key", "kms:Decrypt", "eu-central-1", "sark-backups")).toBe(
      "Allow",
    );
    expect(uses("backups-archive-key", "kms:Encrypt", "eu-central-1", "sark-backups")).toBe("Deny");
    const there = ["backups-archive-copy-key", "kms:Encrypt", "eu-west-1"] as const;
    expect(uses(...there, "sark-backups-copy")).toBe("Allow");
    expect(uses(...there, "sark-backups")).toBe("Deny");
  });
});

describe("roles of the backup bucket", () => {
  const roleOf = (account: string) => `backups-archive-roles-${account}`;

  it("exist for each service account before the key that names them", () => {
    for (const account of ["sark-audit", "sark-dump"]) {
      expect(production.inputsOf(roleOf(account))["name"]).toBe(`sark-prod-archive-${account}`);
      expect(waitsFor(production.named("backups-archive-key"))).toContain(roleOf(account));
      expect(production.inputsOf(`${roleOf(account)}-pods`)).toMatchObject({
        clusterName: "sark-prod",
        namespace: "sark-databases",
        serviceAccount: account,
        roleArn: `arn of ${roleOf(account)}`,
      });
    }
  });

  it("can do only what their own, the bucket's and the key's policies allow together", () => {
    const access = readPolicy(production.inputsOf(`${roleOf("sark-audit")}-access`)["policy"]);
    const guard = readPolicy(production.inputsOf("backups-archive-bucket-policy")["policy"]);
    const by = "arn:aws:iam::111122223333:role/sark-prod-archive-sark-audit";
    const asks = (action: string, key: string) =>
      decide([...access, ...guard], {
        by,
        action,
        resource: `arn:aws:s3:::sark-backups/${key}`,
        context: { "aws:SecureTransport": "true", "s3:TlsVersion": "1.3" },
      });
    expect(asks("s3:PutObject", "prod/sark-audit/wals/1")).toBe("Allow");
    expect(asks("s3:GetObject", "prod/sark-audit/wals/1")).toBe("Allow");
    expect(asks("s3:GetObject", "prod/dumps/sark/1")).toBe("Deny");
    expect(asks("s3:DeleteObject", "prod/sark-audit/wals/1")).toBe("Deny");
    const uses = (role: string) =>
      decide(readPolicy(production.inputsOf("backups-archive-key")["policy"]), {
        by: role,
        action: "kms:GenerateDataKey",
        resource: "*",
        context: {
          "kms:ViaService": "s3.eu-central-1.amazonaws.com",
          "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::sark-backups",
        },
      });
    expect(uses(by)).toBe("Allow");
    expect(uses("arn:aws:iam::111122223333:role/somebody")).toBe("Deny");
  });

  it("trust the pods of their service account by Pod Identity or by the OIDC issuer", async () => {
    const issued = await built(
      backupStack(amazon({ cluster: { name: "sark-prod", identity: "irsa", issuer: ISSUER } })),
    );
    const [given] = readPolicy(production.inputsOf(roleOf("sark-audit"))["assumeRolePolicy"]);
    const [signed] = readPolicy(issued.inputsOf(roleOf("sark-audit"))["assumeRolePolicy"]);
    expect(given?.Principal).toEqual({ Service: "pods.eks.amazonaws.com" });
    expect(signed?.Principal).toEqual({
      Federated: `arn:aws:iam::111122223333:oidc-provider/${ISSUER}`,
    });
    expect(issued.planned.map(({ type }) => type)).not.toContain(
      "aws:eks/podIdentityAssociation:PodIdentityAssociation",
    );
  });

  it("are retained with the clusters, but deleted with the jobs", async () => {
    const roles = (planned: readonly Registration[]) =>
      planned.filter(({ name }) => name.startsWith("backups-archive-roles-"));
    const kept = roles(production.planned).filter(({ retainOnDelete }) => retainOnDelete);
    expect(roles(production.planned)).toHaveLength(9);
    expect(kept.map(({ name }) => name)).toEqual([
      "backups-archive-roles-sark-audit",
      "backups-archive-roles-sark-audit-access",
      "backups-archive-roles-sark-audit-pods",
    ]);
    const gone = await built(backupStack({ kubernetes: { retain: false } }));
    expect(roles(gone.planned).some(({ retainOnDelete }) => retainOnDelete)).toBe(false);
  });
});
