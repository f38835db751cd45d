import {
  type Entry,
  GONE,
  input,
  option,
  type Statement,
  policy,
  without,
  also,
  each,
  named,
  ARCHIVES,
  OTHER_ACCOUNT,
  of,
} from "./mutant";

const WALL = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];

const LIFECYCLE = (field: string) =>
  each("rules", (rule) =>
    Object.fromEntries(Object.entries(rule).filter(([key]) => key !== field)),
  );

export const bucketMutants = [
  ...of("s3/bucket", [
    ["deletion", "is deleted with what is in it", input("forceDestroy", true)],
    ["deletion", "is deleted by Pulumi", option("protect", false)],
    ["deletion", "goes with the stack", option("retainOnDelete", false)],
  ]),
  ...of("s3/bucket", [["S3.15", "has no locks", input("objectLockEnabled", false)]], ARCHIVES),
  ...of("s3/bucketPublicAccessBlock", [
    ...WALL.map((wall): Entry => ["S3.8", `is without ${wall}`, input(wall, false)]),
    ["S3.8", "is not there", GONE],
    ["deletion", "goes while its bucket stays", option("retainOnDelete", false)],
  ]),
  ...of("s3/bucketVersioning", [
    ["S3.14", "is suspended", input("versioningConfiguration.status", "Suspended")],
    ["S3.14", "is not there", GONE],
  ]),
  ...of("s3/bucketOwnershipControls", [
    ["S3.12", "leaves objects to their writers", input("rule.objectOwnership", "ObjectWriter")],
    ["S3.12", "is not there", GONE],
  ]),
  ...of("s3/bucketNotification", [
    ["S3.11", "tells nothing", input("eventbridge", false)],
    ["S3.11", "is not there", GONE],
  ]),
  ...of("s3/bucketServerSideEncryptionConfiguration", [["S3.17", "is not there", GONE]]),
  ...of(
    "s3/bucketServerSideEncryptionConfiguration",
    [
      [
        "S3.17",
        "is with S3's own key",
        each("rules", () => ({ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } })),
      ],
      [
        "S3.17",
        "is with AWS's key",
        input("rules", [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms" },
            bucketKeyEnabled: true,
          },
        ]),
      ],
      [
        "S3.17",
        "asks KMS for every object",
        each("rules", (rule) => ({ ...rule, bucketKeyEnabled: false })),
      ],
    ],
    ARCHIVES,
  ),
  ...of("s3/bucketLifecycleConfiguration", [
    ["S3.10", "keeps old versions for ever", LIFECYCLE("noncurrentVersionExpiration")],
    ["S3.13", "keeps all for ever", LIFECYCLE("expiration")],
    ["CKV_AWS_300", "keeps uploads that were left", LIFECYCLE("abortIncompleteMultipartUpload")],
    ["S3.13", "is off", each("rules", (rule) => ({ ...rule, status: "Disabled" }))],
    ["S3.13", "is not there", GONE],
  ]),
  ...of(
    "s3/bucketLifecycleConfiguration",
    [
      [
        "S3.15",
        "ends before the lock does",
        each("rules", (rule) => ({ ...rule, expiration: { days: 1 } })),
      ],
    ],
    ARCHIVES,
  ),
  ...of("s3/bucketObjectLockConfiguration", [
    ["S3.15", "is shorter than the backups", input("rule.defaultRetention.days", 6)],
    ["S3.15", "is of no mode", input("rule.defaultRetention.mode", undefined)],
    ["S3.15", "is not there", GONE],
  ]),
  ...of("s3/bucketLogging", [
    ["S3.9", "is in a bucket of another's", input("targetBucket", "another-bucket")],
    ["S3.9", "is not there", GONE],
  ]),
  ...of("s3/bucketPolicy", [
    ["S3.5", "lets requests in the clear in", without("NobodySpeaksInTheClear")],
    ["TLS 1.2", "lets old TLS in", without("NobodySpeaksOldTls")],
    [
      "S3.5",
      "lets what is in it be read in the clear",
      policy((all) => all.map((one) => ({ ...one, Resource: "arn:aws:s3:::sark-databases-prod" }))),
    ],
    [
      "S3.5",
      "allows in place of denying",
      policy((all) => all.map((one) => ({ ...one, Effect: "Allow" }))),
    ],
    ["S3.2", "lets everybody read", also({ Action: "s3:GetObject" })],
    [
      "S3.2",
      "lets all but one read",
      also({
        Principal: { AWS: "arn:aws:iam::111122223333:root" },
        NotPrincipal: {},
      } as Partial<Statement>),
    ],
    [
      "S3.6",
      "lets another account write",
      also({ Principal: { AWS: `arn:aws:iam::${OTHER_ACCOUNT}:root` }, Action: "s3:PutObject" }),
    ],
    [
      "S3.6",
      "lets a service of any account write",
      also({ Principal: { Service: "logging.s3.amazonaws.com" }, Action: "s3:PutObject" }),
    ],
    ["S3.5", "is not there", GONE],
  ]),
  ...of(
    "s3/bucketPolicy",
    [
      ["deletes", "lets writers name another key", without("NobodyNamesAnotherKey")],
      ["deletes", "lets writers bring a key", without("NobodyBringsAKey")],
    ],
    ARCHIVES,
  ),
  ...of(
    "s3/bucketPolicy",
    [
      ["deletes", "lets writers delete", without("WritersDestroyNothing")],
      [
        "deletes",
        "lets writers delete old versions",
        policy((all) =>
          all.map((one) =>
            one.Sid === "WritersDestroyNothing" ? { ...one, Action: ["s3:DeleteObject"] } : one,
          ),
        ),
      ],
    ],
    named(/^backups-archive-bucket-policy$/),
  ),
  ...of("s3/bucketReplicationConfig", [
    ["S3.7", "is off", each("rules", (rule) => ({ ...rule, status: "Disabled" }))],
    [
      "S3.7",
      "copies deletions",
      each("rules", (rule) => ({ ...rule, deleteMarkerReplication: { status: "Enabled" } })),
    ],
    [
      "S3.7",
      "copies a folder alone",
      each("rules", (rule) => ({ ...rule, filter: { prefix: "dumps" } })),
    ],
    [
      "S3.7",
      "copies into the same region",
      each("rules", (rule) => ({
        ...rule,
        destination: { bucket: "arn:aws:s3:::sark-databases-prod-logs" },
      })),
    ],
    ["S3.7", "copies under no key", option("propertyDependencies", {})],
    ["S3.7", "is not there", GONE],
  ]),
];
