/** Changes of a plan that weaken the protection of its backup bucket. */
import type { TerraformResource } from "../../scan/terraform";

const ROLE_POLICY = "backups-archive-roles-sark-audit-access";
const BUCKET_POLICY = "backups-archive-bucket-policy";
const KEY = "backups-archive-key";
const LOCK = "backups-archive-bucket-lock";

interface PolicyStatement {
  Sid: string;
  Action?: unknown;
  NotAction?: unknown;
  Resource?: unknown;
  Condition?: unknown;
  Principal?: unknown;
}

export type Change = (resources: readonly TerraformResource[]) => readonly TerraformResource[];

const changed =
  (
    name: string,
    change: (values: TerraformResource["values"]) => TerraformResource["values"],
  ): Change =>
  (resources) =>
    resources.map((each) => (each.name === name ? { ...each, values: change(each.values) } : each));

const withStatements = (
  name: string,
  change: (statements: readonly PolicyStatement[]) => readonly PolicyStatement[],
) =>
  changed(name, (values) => {
    const policy = JSON.parse(String(values["policy"])) as { Statement: PolicyStatement[] };
    return {
      ...values,
      policy: JSON.stringify({ ...policy, Statement: change(policy.Statement) }),
    };
  });

const withStatement = (name: string, sid: string, fields: Partial<PolicyStatement>) =>
  withStatements(name, (all) =>
    all.map((each) => (each.Sid === sid ? { ...each, ...fields } : each)),
  );

const without = (name: string, sid: string) =>
  withStatements(name, (all) => all.filter(({ Sid }) => Sid !== sid));

/** The role may do everything, and the bucket forbids nothing. */
export const unguarded: Change = (resources) =>
  withStatement(ROLE_POLICY, "WritesItsFolder", { Action: "s3:*", Resource: "*" })(
    without(BUCKET_POLICY, "WritersDestroyNothing")(resources),
  );

/** Weaknesses, and attacks whose defence differs with each. */
export const WEAKNESSES: readonly (readonly [
  what: string,
  change: Change,
  found: readonly string[],
])[] = [
  [
    "the role may delete",
    withStatement(ROLE_POLICY, "WritesItsFolder", { Action: ["s3:PutObject", "s3:DeleteObject*"] }),
    ["hides an object by a delete marker", "deletes a version"],
  ],
  [
    "the role may change locks",
    withStatement(ROLE_POLICY, "WritesItsFolder", {
      Action: ["s3:PutObject", "s3:PutObjectRetention", "s3:BypassGovernanceRetention"],
    }),
    ["shortens a lock", "writes an object with a shorter lock"],
  ],
  [
    "the role may write anywhere",
    withStatement(ROLE_POLICY, "WritesItsFolder", {
      Resource: "arn:aws:s3:::sark-databases-prod/*",
    }),
    ["writes into another database's folder", "writes beside the folders"],
  ],
  [
    "the role's folder has no slash",
    withStatement(ROLE_POLICY, "WritesItsFolder", {
      Resource: "arn:aws:s3:::sark-databases-prod/sark-audit*",
    }),
    ["writes beside the folders"],
  ],
  [
    "the role may read all backups",
    withStatement(ROLE_POLICY, "Reads", { Resource: "arn:aws:s3:::sark-databases-prod/*" }),
    ["reads another database's backup", "copies another database's backup into its folder"],
  ],
  [
    "the role may list all backups",
    withStatement(ROLE_POLICY, "Lists", { Condition: undefined }),
    ["lists another database's backups"],
  ],
  [
    "the bucket's policy names deletion only",
    withStatement(BUCKET_POLICY, "WritersDestroyNothing", {
      NotAction: undefined,
      Action: ["s3:DeleteObject", "s3:DeleteObjectVersion"],
    }),
    [
      "shortens a lock",
      "encrypts an existing version with another key",
      "expires all objects",
      "suspends versioning",
      "removes the default lock",
      "deletes the bucket's policy",
      "replicates to another bucket",
    ],
  ],
  [
    "the bucket's policy protects objects, not the bucket",
    withStatement(BUCKET_POLICY, "WritersDestroyNothing", {
      Resource: "arn:aws:s3:::sark-databases-prod/*",
    }),
    ["expires all objects", "suspends versioning", "replaces the bucket's policy"],
  ],
  [
    "the bucket's policy is for a role that does not exist",
    withStatement(BUCKET_POLICY, "WritersDestroyNothing", {
      Condition: {
        ArnLike: { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/sark-archive-*" },
      },
    }),
    ["hides an object by a delete marker", "deletes a version despite its lock"],
  ],
  [
    "the bucket's policy uses ArnEquals with the session, which is not the role's ARN",
    withStatement(BUCKET_POLICY, "WritersDestroyNothing", {
      Condition: { ArnLike: { "aws:PrincipalArn": "arn:aws:sts::111122223333:assumed-role/*" } },
    }),
    ["deletes a version"],
  ],
  [
    "the bucket accepts another key",
    without(BUCKET_POLICY, "NobodyNamesAnotherKey"),
    ["writes with another KMS key", "writes with S3's own key", "uploads parts with another key"],
  ],
  [
    "the bucket accepts a client's key",
    without(BUCKET_POLICY, "NobodyBringsAKey"),
    ["writes with a key of its own"],
  ],
  [
    "the bucket accepts requests without TLS",
    without(BUCKET_POLICY, "NobodySpeaksInTheClear"),
    ["writes without TLS"],
  ],
  [
    "the bucket's policy grants reading",
    withStatements(BUCKET_POLICY, (all) => [
      ...all,
      {
        Sid: "Reads",
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::111122223333:role/sark-prod-archive-sark-audit" },
        Action: "s3:GetObject",
        Resource: "arn:aws:s3:::sark-databases-prod/*",
      },
    ]),
    ["reads another database's backup"],
  ],
  [
    "the role may use the key outside S3",
    withStatement(KEY, "ServersWriteAndRead", { Condition: undefined }),
    ["decrypts a data key outside S3"],
  ],
  [
    "the role may manage the key",
    withStatement(KEY, "ServersWriteAndRead", { Action: "kms:*", Condition: undefined }),
    ["deletes the bucket's key", "disables the bucket's key", "replaces the key's policy"],
  ],
];

/** With locks that nobody may remove. */
export const inComplianceMode = changed(LOCK, (values) => ({
  ...values,
  rule: { default_retention: { mode: "COMPLIANCE", days: 30 } },
}));
