import {
  type PolicyStatement,
  allowedBy,
  deniesAll,
  isHeldTo,
  matches,
  statementsOf,
} from "./policy";
import { ownKey } from "./questions";
import { type Subject, field } from "./subject";

/** Facts about a bucket, from the bucket itself and its related resources. */

export const BUCKET = "s3/bucket";

/** The related resource of a type; undefined if there is none, or several. */
export function said(bucket: Subject, type: string): Subject | undefined {
  const [found, another] = bucket.companions(`s3/${type}`, "bucket");
  return another === undefined ? found : undefined;
}

export const saidIs = (type: string, path: string, value: unknown) => (bucket: Subject) =>
  said(bucket, type)?.is(path, value) === true;

/** Whether the bucket receives access logs, which S3 writes. */
export function takesLogs(bucket: Subject): boolean {
  return allowed(bucket).some(
    ({ principals }) => principals.join() === "Service logging.s3.amazonaws.com",
  );
}

export function hasSecondRegion({ plan }: Subject): boolean {
  return plan.of("provider").length > 1;
}

function statements(bucket: Subject): readonly PolicyStatement[] {
  return statementsOf(said(bucket, "bucketPolicy")?.value("policy"));
}

export function allowed(bucket: Subject): readonly PolicyStatement[] {
  return allowedBy(said(bucket, "bucketPolicy")?.value("policy"));
}

export function denies(bucket: Subject, condition: readonly [string, string]): boolean {
  return statements(bucket).some(
    (each) => deniesAll(each, ["s3:AnyAction"], condition) && isAbout(each, bucket),
  );
}

function isAbout({ resources }: PolicyStatement, bucket: Subject): boolean {
  const arn = `arn:aws:s3:::${bucket.text("bucket")}`;
  return resources.includes(arn) && resources.includes(`${arn}/*`);
}

export const isOwn =
  ({ plan }: Subject) =>
  (statement: PolicyStatement): boolean =>
    isHeldTo(statement, "aws:SourceAccount", plan.accounts) ||
    statement.principals.every((each) =>
      plan.accounts.some((account) => each.includes(`::${account}:`)),
    );

export function algorithmOf(bucket: Subject): unknown {
  return said(bucket, ENCRYPTION)?.value(`${BY_DEFAULT}.sseAlgorithm`);
}

const ENCRYPTION = "bucketServerSideEncryptionConfiguration";
const BY_DEFAULT = "rules.0.applyServerSideEncryptionByDefault";

export function isEncrypted(bucket: Subject): boolean {
  const configuration = said(bucket, ENCRYPTION);
  return (
    configuration !== undefined &&
    configuration.is(`${BY_DEFAULT}.sseAlgorithm`, "aws:kms") &&
    configuration.has(`${BY_DEFAULT}.kmsMasterKeyId`) &&
    configuration.is("rules.0.bucketKeyEnabled", true) &&
    ownKey("rules")(configuration)
  );
}

/** The shortest time in days among enabled rules for the whole bucket; 0 without one. */
export function lifecycle(bucket: Subject, path: string): number {
  const rules = said(bucket, "bucketLifecycleConfiguration")?.list("rules") ?? [];
  const days = rules
    .filter((rule) => field(rule, "status") === "Enabled" && field(rule, "filter.prefix") === "")
    .map((rule) => Number(field(rule, path)))
    .filter((each) => each > 0);
  return days.length === 0 ? 0 : Math.min(...days);
}

export const hasEnd = (path: string) => (bucket: Subject) => lifecycle(bucket, path) > 0;

export function lockDays(bucket: Subject): number {
  const lock = said(bucket, "bucketObjectLockConfiguration");
  const mode = lock?.text("rule.defaultRetention.mode") ?? "";
  return ["GOVERNANCE", "COMPLIANCE"].includes(mode)
    ? (lock?.number("rule.defaultRetention.days") ?? 0)
    : 0;
}

const PARTS = /^s3\/bucket[A-Z]/;

export function partsOf(bucket: Subject): readonly Subject[] {
  return bucket.plan.subjects.filter(
    (each) => PARTS.test(each.type) && each.target("bucket", BUCKET) === bucket,
  );
}

/** ARNs of the stack's roles that may write into the bucket. */
export function writersOf(bucket: Subject): readonly string[] {
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

export const isDeniedDeletes = (bucket: Subject) => (role: string) =>
  statements(bucket).some(
    (each) =>
      !each.allows &&
      each.principals.join() === "*" &&
      isAbout(each, bucket) &&
      DELETES.every((action) => each.actions.includes(action)) &&
      each.conditions.size === 1 &&
      (each.conditions.get("ArnLike aws:PrincipalArn") ?? []).some((pattern) =>
        matches(pattern, role),
      ),
  );

/** Whether the policy refuses requests that choose their own encryption, so that the bucket's default applies. */
export function keepsToItsKey(bucket: Subject): boolean {
  return ["", "-customer-algorithm"].every((suffix) =>
    statements(bucket).some((each) =>
      deniesAll(each, ["s3:PutObject"], [`Null s3:x-amz-server-side-encryption${suffix}`, "false"]),
    ),
  );
}

export function isCopied(bucket: Subject): boolean {
  const copying = said(bucket, "bucketReplicationConfig");
  return (copying?.list("rules") ?? []).some((rule) => {
    const copy = destinationOf(rule, bucket);
    return (
      field(rule, "status") === "Enabled" &&
      field(rule, "deleteMarkerReplication.status") === "Disabled" &&
      field(rule, "filter.prefix") === "" &&
      copy !== undefined &&
      copying?.target("rules", "kms/key")?.isBeside(copy) === true
    );
  });
}

export function isCopy(bucket: Subject): boolean {
  return bucket.plan
    .of("s3/bucketReplicationConfig")
    .flatMap((each) => each.list("rules"))
    .some((rule) => destinationOf(rule, bucket) === bucket);
}

/** The bucket in another region to which a rule replicates. */
function destinationOf(rule: unknown, { plan }: Subject): Subject | undefined {
  const arn = field(rule, "destination.bucket");
  const found = plan.of(BUCKET).find((each) => arn === `arn:aws:s3:::${each.text("bucket")}`);
  const main = plan.of("s3/bucketReplicationConfig")[0];
  return found && main && !found.isBeside(main) ? found : undefined;
}
