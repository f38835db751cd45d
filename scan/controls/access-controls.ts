import { type PolicyStatement, allowStatements, isLimitedTo, statementsOf } from "./policy";
import { type Rules, ofTypeWhere, ofType } from "./control";
import { is, isSet, ownKey } from "./checks";
import { PROVIDER, SECRET, type ResourceView } from "./resource-view";

/** AWS managed policies that the services require. */
const ATTACHED = ["AWSBackupServiceRolePolicyForBackup", "AmazonRDSEnhancedMonitoringRole"];

export const accessRules: readonly Rules[] = [
  ofType("iam/role", [
    [
      "IAM trust",
      "assumed only by one service or by the cluster's service accounts",
      (role) =>
        trusted(role).length > 0 &&
        trusted(role).every(
          ({ principals }) => principals.length > 0 && principals.every(isTrusted(role)),
        ),
    ],
    [
      "IAM trust",
      "limited to this account, cluster and service account",
      (role) => trusted(role).every((each) => isNarrow(role, each)),
    ],
    [
      "CKV_AWS_274",
      "no managed or inline policies besides",
      (role) => !role.has("managedPolicyArns") && !role.has("inlinePolicies"),
    ],
  ]),
  ofType("iam/rolePolicy", [
    [
      "CKV_AWS_63",
      "named actions without wildcards",
      grantsOnly(({ actions }) => actions.every((each) => !each.includes("*"))),
    ],
    [
      "CKV_AWS_62",
      "named resources",
      grantsOnly(({ resources }) => resources.length > 0 && resources.every(isNamed)),
    ],
    [
      "CKV_AWS_63",
      "no NotAction, NotResource or NotPrincipal",
      grantsOnly(({ inverted }) => !inverted),
    ],
    [
      "KMS.2",
      "no kms actions, because key policies grant them",
      grantsOnly(({ actions }) => actions.every((each) => !each.startsWith("kms:"))),
    ],
    [
      "deletes",
      "no deletes and no changes of buckets",
      grantsOnly(({ actions }) => actions.every((each) => !DESTROYS.test(each))),
    ],
    [
      "CKV_AWS_109",
      "no iam or sts actions",
      grantsOnly(({ actions }) => actions.every((each) => !/^(iam|sts):/.test(each))),
    ],
  ]),
  ofType("iam/rolePolicyAttachment", [
    [
      "CKV_AWS_274",
      "only the managed policy of a service",
      (each) =>
        ATTACHED.some((name) =>
          each.is("policyArn", `arn:aws:iam::aws:policy/service-role/${name}`),
        ),
    ],
  ]),
  ofType("eks/podIdentityAssociation", [
    [
      "IAM trust",
      "one service account of one namespace, and a role of the stack",
      (each) =>
        ["clusterName", "namespace", "serviceAccount"].every((key) =>
          /^[\w-]+$/.test(each.text(key)),
        ) && each.refers("roleArn", "iam/role"),
    ],
  ]),
  ofType("secretsmanager/secret", [
    ["CKV_AWS_149", "encrypted with the stack's key", ownKey("kmsKeyId")],
    [
      "deletion",
      "a recovery window of at least 7 days",
      (secret) => !secret.has("recoveryWindowInDays") || secret.number("recoveryWindowInDays") >= 7,
    ],
    [
      "deletion",
      "protected, or kept when the stack goes",
      ({ options }) => options.protect || options.retainOnDelete,
    ],
  ]),
  // Secrets that other readers than the stack use.
  ofTypeWhere("secretsmanager/secret", (secret) => secret.has("name"), [
    [
      "secret policy",
      "a policy that denies other accounts",
      (secret) =>
        secret
          .referrers("secretsmanager/secretPolicy", "secretArn")
          .some((each) => each.is("blockPublicPolicy", true) && keepsOthersOut(each)),
    ],
  ]),
  ofType("secretsmanager/secretVersion", [
    ["plain secrets", "a value that is secret in the plan", is("secretString", SECRET)],
  ]),
  ofType(PROVIDER, [
    [
      "one account",
      "credentials of exactly one account",
      (provider) => provider.accounts.length === 1 && /^\d{12}$/.test(String(provider.accounts)),
    ],
    ["one account", "an explicit region", isSet("region")],
    [
      "plain secrets",
      "no credentials in the settings",
      (provider) => ["accessKey", "secretKey", "token"].every((key) => !provider.has(key)),
    ],
    [
      "RDS.30",
      "default tags for all resources",
      (provider) => /"stack":/.test(provider.text("defaultTags")),
    ],
  ]),
];

const DESTROYS =
  /^s3:(Delete|Bypass|PutBucket|PutLifecycle|PutEncryption|PutReplication|PutObject(Retention|LegalHold))/;

function trusted(role: ResourceView): readonly PolicyStatement[] {
  return allowStatements(role.value("assumeRolePolicy"));
}

function grantsOnly(isFine: (granted: PolicyStatement) => boolean) {
  return (grant: ResourceView) => allowStatements(grant.value("policy")).every(isFine);
}

const SERVICES = ["monitoring.rds", "backup", "pods.eks", "s3"].map(
  (name) => `Service ${name}.amazonaws.com`,
);

const isTrusted =
  ({ plan }: ResourceView) =>
  (principal: string): boolean =>
    SERVICES.includes(principal) ||
    plan.accounts.some((account) =>
      principal.startsWith(`Federated arn:aws:iam::${account}:oidc-provider/`),
    );

/** Session tags with which EKS identifies a pod. */
const TAGS = ["eks-cluster-arn", "kubernetes-namespace", "kubernetes-service-account"];

function isNarrow({ plan }: ResourceView, statement: PolicyStatement): boolean {
  const [principal = ""] = statement.principals;
  const exactly = (key: string) => {
    const values = statement.conditions.get(`StringEquals ${key}`) ?? [];
    return values.length === 1 && !/[*?]/.test(values.join());
  };
  if (principal.startsWith("Federated ")) {
    const issuer = principal.split("oidc-provider/")[1] ?? "";
    return (
      exactly(`${issuer}:sub`) && isLimitedTo(statement, `${issuer}:aud`, ["sts.amazonaws.com"])
    );
  }
  if (principal === "Service pods.eks.amazonaws.com")
    return TAGS.every((tag) => exactly(`aws:RequestTag/${tag}`));
  // S3 assumes only roles of the bucket's own account, and sends no source account.
  if (principal === "Service s3.amazonaws.com") return true;
  return isLimitedTo(statement, "aws:SourceAccount", plan.accounts);
}

/** Whether a resource is named, with at most a trailing wildcard. */
function isNamed(resource: string): boolean {
  return /^arn:aws[\w-]*:[a-z0-9]+:[^*]*:[^*:]+\*?$/.test(resource);
}

function keepsOthersOut(policy: ResourceView): boolean {
  return statementsOf(policy.value("policy")).some(
    ({ allows, principals, actions, conditions }) =>
      !allows &&
      principals.join() === "*" &&
      actions.join() === "secretsmanager:*" &&
      policy.plan.accounts.includes(
        (conditions.get("StringNotEquals aws:PrincipalAccount") ?? []).join(),
      ),
  );
}
