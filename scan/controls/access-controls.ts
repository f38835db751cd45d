import { type PolicyStatement, allowedBy, isHeldTo, statementsOf } from "./policy";
import { type Rules, ofSome, ofType } from "./control";
import { is, says, ownKey } from "./questions";
import { PROVIDER, SECRET, type Subject } from "./subject";

/** Policies of AWS's that the services themselves ask for. */
const ATTACHED = ["AWSBackupServiceRolePolicyForBackup", "AmazonRDSEnhancedMonitoringRole"];

export const accessRules: readonly Rules[] = [
  ofType("iam/role", [
    [
      "IAM trust",
      "one service, or the cluster's service accounts, as who takes it on",
      (role) =>
        trusted(role).length > 0 &&
        trusted(role).every(
          ({ principals }) => principals.length > 0 && principals.every(isTrusted(role)),
        ),
    ],
    [
      "IAM trust",
      "for this account, this cluster, this service account alone",
      (role) => trusted(role).every((each) => isNarrow(role, each)),
    ],
    [
      "CKV_AWS_274",
      "no policies of its own besides",
      (role) => !role.has("managedPolicyArns") && !role.has("inlinePolicies"),
    ],
  ]),
  ofType("iam/rolePolicy", [
    [
      "CKV_AWS_63",
      "actions that are named",
      grantsOnly(({ actions }) => actions.every((each) => !each.includes("*"))),
    ],
    [
      "CKV_AWS_62",
      "resources that are named",
      grantsOnly(({ resources }) => resources.length > 0 && resources.every(isNamed)),
    ],
    ["CKV_AWS_63", "nothing by exception", grantsOnly(({ inverted }) => !inverted)],
    [
      "KMS.2",
      "no decryption by policy: the keys say who",
      grantsOnly(({ actions }) => actions.every((each) => !each.startsWith("kms:"))),
    ],
    [
      "deletes",
      "no deletes, and no changes of a bucket",
      grantsOnly(({ actions }) => actions.every((each) => !DESTROYS.test(each))),
    ],
    [
      "CKV_AWS_109",
      "no grants of grants",
      grantsOnly(({ actions }) => actions.every((each) => !/^(iam|sts):/.test(each))),
    ],
  ]),
  ofType("iam/rolePolicyAttachment", [
    [
      "CKV_AWS_274",
      "a service's own policy, and no other of AWS's",
      (each) =>
        ATTACHED.some((name) =>
          each.is("policyArn", `arn:aws:iam::aws:policy/service-role/${name}`),
        ),
    ],
  ]),
  ofType("eks/podIdentityAssociation", [
    [
      "IAM trust",
      "one service account of one namespace, and a role of the stack's",
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
      "days in which a deletion is taken back",
      (secret) => !secret.has("recoveryWindowInDays") || secret.number("recoveryWindowInDays") >= 7,
    ],
    [
      "deletion",
      "protected, or kept when the stack goes",
      ({ options }) => options.protect || options.retainOnDelete,
    ],
  ]),
  // Of those that others than the stack itself read.
  ofSome("secretsmanager/secret", (secret) => secret.has("name"), [
    [
      "secret policy",
      "a policy that keeps other accounts out",
      (secret) =>
        secret
          .companions("secretsmanager/secretPolicy", "secretArn")
          .some((each) => each.is("blockPublicPolicy", true) && keepsOthersOut(each)),
    ],
  ]),
  ofType("secretsmanager/secretVersion", [
    ["plain secrets", "a secret to the plan as well", is("secretString", SECRET)],
  ]),
  ofType(PROVIDER, [
    [
      "one account",
      "credentials of one account alone",
      (provider) => provider.accounts.length === 1 && /^\d{12}$/.test(String(provider.accounts)),
    ],
    ["one account", "a region that is named", says("region")],
    [
      "plain secrets",
      "no credentials in the settings",
      (provider) => ["accessKey", "secretKey", "token"].every((key) => !provider.has(key)),
    ],
    [
      "RDS.30",
      "tags for all that it makes",
      (provider) => /"stack":/.test(provider.text("defaultTags")),
    ],
  ]),
];

const DESTROYS =
  /^s3:(Delete|Bypass|PutBucket|PutLifecycle|PutEncryption|PutReplication|PutObject(Retention|LegalHold))/;

function trusted(role: Subject): readonly PolicyStatement[] {
  return allowedBy(role.value("assumeRolePolicy"));
}

function grantsOnly(isFine: (granted: PolicyStatement) => boolean) {
  return (grant: Subject) => allowedBy(grant.value("policy")).every(isFine);
}

const SERVICES = ["monitoring.rds", "backup", "pods.eks", "s3"].map(
  (name) => `Service ${name}.amazonaws.com`,
);

const isTrusted =
  ({ plan }: Subject) =>
  (principal: string): boolean =>
    SERVICES.includes(principal) ||
    plan.accounts.some((account) =>
      principal.startsWith(`Federated arn:aws:iam::${account}:oidc-provider/`),
    );

/** Whom a pod's session is for, as EKS tags it. */
const TAGS = ["eks-cluster-arn", "kubernetes-namespace", "kubernetes-service-account"];

function isNarrow({ plan }: Subject, statement: PolicyStatement): boolean {
  const [principal = ""] = statement.principals;
  const exactly = (key: string) => {
    const values = statement.conditions.get(`StringEquals ${key}`) ?? [];
    return values.length === 1 && !/[*?]/.test(values.join());
  };
  if (principal.startsWith("Federated ")) {
    const issuer = principal.split("oidc-provider/")[1] ?? "";
    return exactly(`${issuer}:sub`) && isHeldTo(statement, `${issuer}:aud`, ["sts.amazonaws.com"]);
  }
  if (principal === "Service pods.eks.amazonaws.com")
    return TAGS.every((tag) => exactly(`aws:RequestTag/${tag}`));
  // S3 takes a role of the bucket's own account alone, and says no account when it does.
  if (principal === "Service s3.amazonaws.com") return true;
  return isHeldTo(statement, "aws:SourceAccount", plan.accounts);
}

/** A name, with a wildcard below it at most. */
function isNamed(resource: string): boolean {
  return /^arn:aws[\w-]*:[a-z0-9]+:[^*]*:[^*:]+\*?$/.test(resource);
}

function keepsOthersOut(policy: Subject): boolean {
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
