import { type PolicyStatement, allowedBy, isHeldTo, statementsOf } from "./policy";
import { type Rules, ofSome, ofType } from "./control";
import { isTagged, is, ownKey, isProtectedAndKept, isKeptOnDelete } from "./questions";
import type { Subject } from "./subject";

const KEY = "kms/key";

export const keyRules: readonly Rules[] = [
  ofType(KEY, [
    ["CKV_AWS_7", "new material each year", is("enableKeyRotation", true)],
    ["KMS.3", "thirty days before a deletion is done", is("deletionWindowInDays", 30)],
    ["CKV_AWS_227", "enabled", (key) => !key.is("isEnabled", false)],
    [
      "CKV2_AWS_64",
      "a policy by which the account decides",
      (key) => statementsOf(key.value("policy")).some(isOwner(key)),
    ],
    [
      "KMS.5",
      "no use by everybody",
      (key) => allowed(key).every(({ principals }) => !principals.includes("*")),
    ],
    [
      "KMS.1",
      "others limited to what they need, and to whom it is for",
      (key) => allowed(key).every((each) => isOwner(key)(each) || isLimited(key, each)),
    ],
    [
      "names",
      "a name that it is known by",
      (key) => key.companions("kms/alias", "targetKeyId").length === 1,
    ],
    ["KMS.3", "tags that say whose it is", isTagged],
  ]),
  // Without these keys nobody reads the data again.
  ofSome(KEY, holdsData, [
    ["KMS.3", "protected, and kept when the stack goes", isProtectedAndKept],
  ]),
  ofType("cloudwatch/logGroup", [
    ["CKV_AWS_338", "lines of a year at least", (group) => group.number("retentionInDays") >= 365],
    ["CKV_AWS_158", "encrypted with the stack's key", ownKey("kmsKeyId")],
    ["CKV_AWS_338", "kept when the stack goes", isKeptOnDelete],
  ]),
];

/** Messages are read as they come: only what is encrypted and stays needs its key. */
function holdsData(key: Subject): boolean {
  return key.companions("sns/topic", "kmsMasterKeyId").length === 0;
}

function allowed(key: Subject): readonly PolicyStatement[] {
  return allowedBy(key.value("policy"));
}

/** The statement by which the account's own policies decide: without it nobody can administer the key. */
const isOwner =
  ({ plan }: Subject) =>
  ({ allows, principals, actions }: PolicyStatement): boolean =>
    allows &&
    actions.join() === "kms:*" &&
    plan.accounts.some((account) => principals.join() === `AWS arn:aws:iam::${account}:root`);

const USES = /^kms:(Encrypt|Decrypt|ReEncrypt\*|GenerateDataKey\*?|DescribeKey)$/;

/** What a statement may be held to, each of which names one thing of this account's. */
function isLimited({ plan }: Subject, statement: PolicyStatement): boolean {
  const { actions, conditions, inverted } = statement;
  const source = conditions.get("ArnLike kms:EncryptionContext:aws:logs:arn") ?? [];
  const bucket = conditions.get("StringEquals kms:EncryptionContext:aws:s3:arn") ?? [];
  return (
    !inverted &&
    actions.every((action) => USES.test(action)) &&
    (isHeldTo(statement, "aws:SourceAccount", plan.accounts) ||
      source.some((arn) =>
        plan.accounts.some((account) => arn.includes(`:${account}:log-group:/aws/rds/instance/`)),
      ) ||
      bucket.some((arn) =>
        plan.of("s3/bucket").some((each) => arn === `arn:aws:s3:::${each.text("bucket")}`),
      ))
  );
}
