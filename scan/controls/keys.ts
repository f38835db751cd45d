import { type PolicyStatement, allowStatements, isLimitedTo, statementsOf } from "./policy";
import { type Rules, ofTypeWhere, ofType } from "./control";
import { isTagged, is, ownKey, isProtectedAndKept, isKeptOnDelete } from "./checks";
import type { ResourceView } from "./resource-view";

const KEY = "kms/key";

export const keyRules: readonly Rules[] = [
  ofType(KEY, [
    ["CKV_AWS_7", "yearly key rotation", is("enableKeyRotation", true)],
    ["KMS.3", "a deletion window of 30 days", is("deletionWindowInDays", 30)],
    ["CKV_AWS_227", "enabled", (key) => !key.is("isEnabled", false)],
    [
      "CKV2_AWS_64",
      "a policy that delegates to the account",
      (key) => statementsOf(key.value("policy")).some(isOwner(key)),
    ],
    [
      "KMS.5",
      "no access for everybody",
      (key) => allowed(key).every(({ principals }) => !principals.includes("*")),
    ],
    [
      "KMS.1",
      "other principals limited to needed actions and one source",
      (key) => allowed(key).every((each) => isOwner(key)(each) || isLimited(key, each)),
    ],
    ["names", "exactly one alias", (key) => key.referrers("kms/alias", "targetKeyId").length === 1],
    ["KMS.3", "tags project and stack", isTagged],
  ]),
  // Without these keys the data are lost.
  ofTypeWhere(KEY, holdsData, [
    ["KMS.3", "protected, and kept when the stack goes", isProtectedAndKept],
  ]),
  ofType("cloudwatch/logGroup", [
    [
      "CKV_AWS_338",
      "a retention of at least a year",
      (group) => group.number("retentionInDays") >= 365,
    ],
    ["CKV_AWS_158", "encrypted with the stack's key", ownKey("kmsKeyId")],
    ["CKV_AWS_338", "kept when the stack goes", isKeptOnDelete],
  ]),
];

/** Whether a key encrypts stored data. Topics do not store messages. */
function holdsData(key: ResourceView): boolean {
  return key.referrers("sns/topic", "kmsMasterKeyId").length === 0;
}

function allowed(key: ResourceView): readonly PolicyStatement[] {
  return allowStatements(key.value("policy"));
}

/** The statement that delegates to the account's IAM policies. Without it nobody can administer the key. */
const isOwner =
  ({ plan }: ResourceView) =>
  ({ allows, principals, actions }: PolicyStatement): boolean =>
    allows &&
    actions.join() === "kms:*" &&
    plan.accounts.some((account) => principals.join() === `AWS arn:aws:iam::${account}:root`);

const USES = /^kms:(Encrypt|Decrypt|ReEncrypt\*|GenerateDataKey\*?|DescribeKey)$/;

/** Whether a statement is limited by a condition to one source in this account. */
function isLimited({ plan }: ResourceView, statement: PolicyStatement): boolean {
  const { actions, conditions, inverted } = statement;
  const source = conditions.get("ArnLike kms:EncryptionContext:aws:logs:arn") ?? [];
  const bucket = conditions.get("StringEquals kms:EncryptionContext:aws:s3:arn") ?? [];
  return (
    !inverted &&
    actions.every((action) => USES.test(action)) &&
    (isLimitedTo(statement, "aws:SourceAccount", plan.accounts) ||
      source.some((arn) =>
        plan.accounts.some((account) => arn.includes(`:${account}:log-group:/aws/rds/instance/`)),
      ) ||
      bucket.some((arn) =>
        plan.of("s3/bucket").some((each) => arn === `arn:aws:s3:::${each.text("bucket")}`),
      ))
  );
}
