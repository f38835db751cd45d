import {
  type Entry,
  REMOVED,
  input,
  option,
  type Statement,
  policy,
  removeStatement,
  addStatement,
  changeEach,
  named,
  ARCHIVES,
  OTHER_ACCOUNT,
  mutantsOfType,
} from "./mutant";

const WALL = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];

const LIFECYCLE = (field: string) =>
  changeEach("rules", (rule) =>
    Object.fromEntries(Object.entries(rule).filter(([key]) => key !== field)),
  );

export const bucketMutants = [
  ...mutantsOfType("s3/bucket", [
    ["deletion", "is deleted with its content", input("forceDestroy", true)],
    ["deletion", "is deleted by Pulumi", option("protect", false)],
    ["deletion", "is deleted with the stack", option("retainOnDelete", false)],
  ]),
  ...mutantsOfType(
    "s3/bucket",
    [["S3.15", "has no locks", input("objectLockEnabled", false)]],
    ARCHIVES,
  ),
  ...mutantsOfType("s3/bucketPublicAccessBlock", [
    ...WALL.map((wall): Entry => ["S3.8", `is without ${wall}`, input(wall, false)]),
    ["S3.8", "is missing", REMOVED],
    ["deletion", "is deleted while its bucket stays", option("retainOnDelete", false)],
  ]),
  ...mutantsOfType("s3/bucketVersioning", [
    ["S3.14", "is suspended", input("versioningConfiguration.status", "Suspended")],
    ["S3.14", "is missing", REMOVED],
  ]),
  ...mutantsOfType("s3/bucketOwnershipControls", [
    [
      "S3.12",
      "leaves ownership of objects to their writers",
      input("rule.objectOwnership", "ObjectWriter"),
    ],
    ["S3.12", "is missing", REMOVED],
  ]),
  ...mutantsOfType("s3/bucketNotification", [
    ["S3.11", "sends no events", input("eventbridge", false)],
    ["S3.11", "is missing", REMOVED],
  ]),
  ...mutantsOfType("s3/bucketServerSideEncryptionConfiguration", [
    ["S3.17", "is missing", REMOVED],
  ]),
  ...mutantsOfType(
    "s3/bucketServerSideEncryptionConfiguration",
    [
      [
        "S3.17",
        "uses S3's own key",
        changeEach("rules", () => ({
          applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" },
        })),
      ],
      [
        "S3.17",
        "uses AWS's key",
        input("rules", [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms" },
            bucketKeyEnabled: true,
          },
        ]),
      ],
      [
        "S3.17",
        "calls KMS for every object",
        changeEach("rules", (rule) => ({ ...rule, bucketKeyEnabled: false })),
      ],
    ],
    ARCHIVES,
  ),
  ...mutantsOfType("s3/bucketLifecycleConfiguration", [
    ["S3.10", "keeps old versions for ever", LIFECYCLE("noncurrentVersionExpiration")],
    ["S3.13", "keeps objects for ever", LIFECYCLE("expiration")],
    ["CKV_AWS_300", "keeps incomplete uploads", LIFECYCLE("abortIncompleteMultipartUpload")],
    ["S3.13", "is off", changeEach("rules", (rule) => ({ ...rule, status: "Disabled" }))],
    ["S3.13", "is missing", REMOVED],
  ]),
  ...mutantsOfType(
    "s3/bucketLifecycleConfiguration",
    [
      [
        "S3.15",
        "expires objects before their lock ends",
        changeEach("rules", (rule) => ({ ...rule, expiration: { days: 1 } })),
      ],
    ],
    ARCHIVES,
  ),
  ...mutantsOfType("s3/bucketObjectLockConfiguration", [
    ["S3.15", "is shorter than the backups", input("rule.defaultRetention.days", 6)],
    ["S3.15", "ends before its base backup is needed", input("rule.defaultRetention.days", 30)],
    ["S3.15", "has no mode", input("rule.defaultRetention.mode", undefined)],
    ["S3.15", "is missing", REMOVED],
  ]),
  ...mutantsOfType("s3/bucketLogging", [
    ["S3.9", "writes to another bucket", input("targetBucket", "another-bucket")],
    ["S3.9", "is missing", REMOVED],
  ]),
  ...mutantsOfType("s3/bucketPolicy", [
    ["S3.5", "accepts requests without TLS", removeStatement("NobodySpeaksInTheClear")],
    ["TLS 1.2", "accepts old TLS versions", removeStatement("NobodySpeaksOldTls")],
    [
      "S3.5",
      "allows objects to be read without TLS",
      policy((all) => all.map((one) => ({ ...one, Resource: "arn:aws:s3:::sark-databases-prod" }))),
    ],
    [
      "S3.5",
      "allows instead of denying",
      policy((all) => all.map((one) => ({ ...one, Effect: "Allow" }))),
    ],
    ["S3.2", "lets everyone read", addStatement({ Action: "s3:GetObject" })],
    [
      "S3.2",
      "lets everyone except one read",
      addStatement({
        Principal: { AWS: "arn:aws:iam::111122223333:root" },
        NotPrincipal: {},
      } as Partial<Statement>),
    ],
    [
      "S3.6",
      "lets another account write",
      addStatement({
        Principal: { AWS: `arn:aws:iam::${OTHER_ACCOUNT}:root` },
        Action: "s3:PutObject",
      }),
    ],
    [
      "S3.6",
      "lets a service of any account write",
      addStatement({ Principal: { Service: "logging.s3.amazonaws.com" }, Action: "s3:PutObject" }),
    ],
    ["S3.5", "is missing", REMOVED],
  ]),
  ...mutantsOfType(
    "s3/bucketPolicy",
    [
      ["deletes", "lets writers name another key", removeStatement("NobodyNamesAnotherKey")],
      ["deletes", "lets writers bring a key", removeStatement("NobodyBringsAKey")],
    ],
    ARCHIVES,
  ),
  ...mutantsOfType(
    "s3/bucketPolicy",
    [
      ["deletes", "lets writers delete", removeStatement("WritersDestroyNothing")],
      [
        "deletes",
        "lets writers delete old versions",
        policy((all) =>
          all.map((one) =>
            one.Sid === "WritersDestroyNothing"
              ? { ...one, NotAction: ["s3:DeleteObjectVersion"] }
              : one,
          ),
        ),
      ],
    ],
    named(/^backups-archive-bucket-policy$/),
  ),
  ...mutantsOfType("s3/bucketReplicationConfig", [
    ["S3.7", "is off", changeEach("rules", (rule) => ({ ...rule, status: "Disabled" }))],
    [
      "S3.7",
      "copies deletions",
      changeEach("rules", (rule) => ({ ...rule, deleteMarkerReplication: { status: "Enabled" } })),
    ],
    [
      "S3.7",
      "copies only one folder",
      changeEach("rules", (rule) => ({ ...rule, filter: { prefix: "dumps" } })),
    ],
    [
      "S3.7",
      "copies into the same region",
      changeEach("rules", (rule) => ({
        ...rule,
        destination: { bucket: "arn:aws:s3:::sark-databases-prod-logs" },
      })),
    ],
    ["S3.7", "does not wait for the key of the copies", option("propertyDependencies", {})],
    ["S3.7", "is missing", REMOVED],
  ]),
];
