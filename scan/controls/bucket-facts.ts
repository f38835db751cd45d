import {
  type PolicyStatement,
  allowStatements,
  deniesAll,
  isAboutAction,
  isLimitedTo,
  matches,
  statementsOf,
} from "./policy";
import { ownKey } from "./checks";
import { type ResourceView, field } from "./resource-view";

/** Facts about a bucket, from the bucket itself and its related resources. */

export const BUCKET = "s3/bucket";

/** The related resource of a type; undefined if there is none, or several. */
export function relatedResource(bucket: ResourceView, type: string): ResourceView | undefined {
  const [found, another] = bucket.referrers(`s3/${type}`, "bucket");
  return another === undefined ? found : undefined;
}

export const relatedIs = (type: string, path: string, value: unknown) => (bucket: ResourceView) =>
  relatedResource(bucket, type)?.is(path, value) === true;

/** Whether the bucket receives access logs, which S3 writes. */
export function receivesAccessLogs(bucket: ResourceView): boolean {
  return allowed(bucket).some(
    ({ principals }) => principals.join() === "Service logging.s3.amazonaws.com",
  );
}

export function hasSecondRegion({ plan }: ResourceView): boolean {
  return plan.of("provider").length > 1;
}

function statements(bucket: ResourceView): readonly PolicyStatement[] {
  return statementsOf(relatedResource(bucket, "bucketPolicy")?.value("policy"));
}

export function allowed(bucket: ResourceView): readonly PolicyStatement[] {
  return allowStatements(relatedResource(bucket, "bucketPolicy")?.value("policy"));
}

export function denies(bucket: ResourceView, condition: readonly [string, string]): boolean {
  return statements(bucket).some(
    (each) => deniesAll(each, ["s3:AnyAction"], condition) && isAbout(each, bucket),
  );
}

function isAbout({ resources }: PolicyStatement, bucket: ResourceView): boolean {
  const arn = `arn:aws:s3:::${bucket.text("bucket")}`;
  return resources.includes(arn) && resources.includes(`${arn}/*`);
}

export const isOwn =
  ({ plan }: ResourceView) =>
  (statement: PolicyStatement): boolean =>
    isLimitedTo(statement, "aws:SourceAccount", plan.accounts) ||
    statement.principals.every((each) =>
      plan.accounts.some((account) => each.includes(`::${account}:`)),
    );

export function algorithmOf(bucket: ResourceView): unknown {
  return relatedResource(bucket, ENCRYPTION)?.value(`${BY_DEFAULT}.sseAlgorithm`);
}

const ENCRYPTION = "bucketServerSideEncryptionConfiguration";
const BY_DEFAULT = "rules.0.applyServerSideEncryptionByDefault";

export function isEncrypted(bucket: ResourceView): boolean {
  const configuration = relatedResource(bucket, ENCRYPTION);
  return (
    configuration !== undefined &&
    configuration.is(`${BY_DEFAULT}.sseAlgorithm`, "aws:kms") &&
    configuration.has(`${BY_DEFAULT}.kmsMasterKeyId`) &&
    configuration.is("rules.0.bucketKeyEnabled", true) &&
    ownKey("rules")(configuration)
  );
}

/** The shortest time in days among enabled rules for the whole bucket; 0 without one. */
export function lifecycle(bucket: ResourceView, path: string): number {
  const rules = relatedResource(bucket, "bucketLifecycleConfiguration")?.list("rules") ?? [];
  const days = rules
    .filter((rule) => field(rule, "status") === "Enabled" && field(rule, "filter.prefix") === "")
    .map((rule) => Number(field(rule, path)))
    .filter((each) => each > 0);
  return days.length === 0 ? 0 : Math.min(...days);
}

export const expires = (path: string) => (bucket: ResourceView) => lifecycle(bucket, path) > 0;

export function lockDays(bucket: ResourceView): number {
  const lock = relatedResource(bucket, "bucketObjectLockConfiguration");
  const mode = lock?.text("rule.defaultRetention.mode") ?? "";
  return ["GOVERNANCE", "COMPLIANCE"].includes(mode)
    ? (lock?.number("rule.defaultRetention.days") ?? 0)
    : 0;
}

const PARTS = /^s3\/bucket[A-Z]/;

export function partsOf(bucket: ResourceView): readonly ResourceView[] {
  return bucket.plan.resources.filter(
    (each) => PARTS.test(each.type) && each.target("bucket", BUCKET) === bucket,
  );
}

/** ARNs of the stack's roles that may write into the bucket. */
export function writersOf(bucket: ResourceView): readonly string[] {
  const arn = `arn:aws:s3:::${bucket.text("bucket")}/`;
  return bucket.plan
    .of("iam/rolePolicy")
    .filter((each) =>
      statementsOf(each.value("policy")).some(
        ({ actions, resources }) =>
          actions.includes("s3:PutObject") &&
          resources.some((resource) => resource.startsWith(arn)),
      ),
    )
    .flatMap((each) =>
      bucket.plan.accounts.map((account) => `arn:aws:iam::${account}:role/${each.text("role")}`),
    );
}

const DELETES = [
  "s3:DeleteObject",
  "s3:DeleteObjectVersion",
  "s3:BypassGovernanceRetention",
  "s3:PutBucketPolicy",
];

export const isDeniedDeletes = (bucket: ResourceView) => (role: string) =>
  statements(bucket).some(
    (each) =>
      !each.allows &&
      each.principals.join() === "*" &&
      isAbout(each, bucket) &&
      DELETES.every((action) => isAboutAction(each, action)) &&
      each.conditions.size === 1 &&
      (each.conditions.get("ArnLike aws:PrincipalArn") ?? []).some((pattern) =>
        matches(pattern, role),
      ),
  );

/** Whether the policy refuses requests that choose their own encryption, so that the bucket's default applies. */
export function forcesDefaultKey(bucket: ResourceView): boolean {
  return ["", "-customer-algorithm"].every((suffix) =>
    statements(bucket).some((each) =>
      deniesAll(each, ["s3:PutObject"], [`Null s3:x-amz-server-side-encryption${suffix}`, "false"]),
    ),
  );
}

export function isCopied(bucket: ResourceView): boolean {
  const copying = relatedResource(bucket, "bucketReplicationConfig");
  return (copying?.list("rules") ?? []).some((rule) => {
    const copy = destinationOf(rule, bucket);
    return (
      field(rule, "status") === "Enabled" &&
      field(rule, "deleteMarkerReplication.status") === "Disabled" &&
      field(rule, "filter.prefix") === "" &&
      copy !== undefined &&
      copying?.target("rules", "kms/key")?.isInSameRegion(copy) === true
    );
  });
}

export function isCopy(bucket: ResourceView): boolean {
  return bucket.plan
    .of("s3/bucketReplicationConfig")
    .flatMap((each) => each.list("rules"))
    .some((rule) => destinationOf(rule, bucket) === bucket);
}

/** The bucket in another region to which a rule replicates. */
function destinationOf(rule: unknown, { plan }: ResourceView): ResourceView | undefined {
  const arn = field(rule, "destination.bucket");
  const found = plan.of(BUCKET).find((each) => arn === `arn:aws:s3:::${each.text("bucket")}`);
  const main = plan.of("s3/bucketReplicationConfig")[0];
  return found && main && !found.isInSameRegion(main) ? found : undefined;
}
