import { compact } from "../../../text/present";
import type { Problem, ProblemReason } from "../../../text/problem";
import { settingKey } from "../../../settings/plan/setting-key";
import type { ClusterStack, ServedDatabase } from "./cluster-stack";
import { minimumPgbouncer } from "./compatibility";
import { type ImageReference, type ImageUse, helperImage, parseImage, serverImage } from "./images";
import { compareVersions } from "./versions";

/** The setting that names an image. */
const KEYS: Readonly<Record<ImageUse, readonly string[]>> = {
  sark: ["sark", "image"],
  sark_audit: ["audit", "image"],
  pool: ["pool", "image"],
  exporter: ["pool", "exporterImage"],
  store: ["maintenance", "image"],
  gateway: ["aws", "gateway", "image"],
  sqlExporter: ["aws", "exporter", "image"],
};

/** Dockerfile that builds an image with TimescaleDB. */
const DOCKERFILE = "images/timescaledb/Dockerfile";

/** An image that runs on Kubernetes. */
interface UsedImage {
  readonly use: ImageUse;
  readonly image: string;
  /** Whether the settings name it. */
  readonly isConfigured: boolean;
  /** Database whose servers or jobs run it. @default - none */
  readonly database?: ServedDatabase;
}

/** Lists the images that run on Kubernetes for this stack. */
export function imagesInUse(stack: ClusterStack): readonly UsedImage[] {
  const { clusters, served, exported, gateway, outside, pool, monitoring, store } = stack;
  const runsHere = ({ database, jobs }: ServedDatabase) =>
    // Jobs use the client programs in the server image, also for a server that runs without an image.
    jobs.length > 0 || clusters.some((each) => each.database === database);
  const helper = (use: Parameters<typeof helperImage>[0], given: string | undefined) => ({
    use,
    image: helperImage(use, given),
    isConfigured: given !== undefined,
  });
  return compact<UsedImage>(
    ...served.filter(runsHere).map((database) => ({
      use: database.database,
      image: serverImage(database),
      isConfigured: database.image !== undefined,
      database,
    })),
    gateway && helper("gateway", outside?.gatewayImage),
    exported.length > 0 && helper("sqlExporter", outside?.exporter?.image),
    pool && helper("pool", pool.image),
    pool && monitoring && helper("exporter", pool.exporterImage),
    store && helper("store", store.image),
  );
}

/** Problems of images that cannot fulfil their purpose, or whose tag could be moved. */
export function imageProblems(stack: ClusterStack): readonly Problem[] {
  return imagesInUse(stack).flatMap(({ use, image, isConfigured, database }) => {
    if (use === "sark_audit" && !isConfigured) return [missing()];
    const reference = parseImage(image);
    const problems = compact<ProblemReason>(
      ...tagProblems(reference, database?.majorVersion),
      ...(database?.timescaledb ? timescaleProblems(reference, database.timescaledb) : []),
      use === "pool" && poolProblem(reference),
      use === "store" && storeProblem(reference),
      stack.protection &&
        reference.digest === undefined && {
          allowed: `the same image with its digest appended (@sha256:..., from crane digest) in ${KEYS[use].join(".")}`,
          why: "the stack is protected: a tag can be moved to another image, a digest cannot",
        },
    );
    const value = `${image}${isConfigured ? "" : ", the default"}`;
    return problems.map((problem) => ({ key: settingKey(KEYS[use]), value, ...problem }));
  });
}

/** Earlier versions uploaded dumps with the AWS CLI. */
function storeProblem({ name }: ImageReference): ProblemReason | undefined {
  if (!/aws-?cli/.test(name)) return undefined;
  return {
    allowed: "unset, or an image with the sidecar of the Barman Cloud plugin",
    why: "dumps and restore drills run Python with boto3 and barman-cloud, which the image of the AWS CLI does not have",
  };
}

function missing(): Problem {
  return {
    key: settingKey(KEYS.sark_audit),
    value: "nothing",
    allowed: "an image for CloudNativePG with TimescaleDB under the Timescale licence",
    why: `no public image exists for CloudNativePG; build one from ${DOCKERFILE}`,
  };
}

/** @param majorVersion PostgreSQL version expected in the image @default - no server in it */
function tagProblems(
  { tag }: ImageReference,
  majorVersion: number | undefined,
): readonly ProblemReason[] {
  if (tag === undefined || tag === "latest") {
    return [
      {
        allowed: "a tag that names a version",
        why: "the version would depend on when the image was pulled",
      },
    ];
  }
  if (majorVersion === undefined) return [];
  const [, major] = /^(\d+)/.exec(tag) ?? [];
  return compact(
    Number(major) !== majorVersion && {
      allowed: `a tag that begins with ${majorVersion} (majorVersion)`,
      why:
        major === undefined
          ? "the operator reads the server's version from the tag"
          : "the operator would treat it as an upgrade, and the parameters are computed for another version",
    },
  );
}

/** Judges by name and tag, since a preview does not inspect images. */
function timescaleProblems(
  { name, tag = "" }: ImageReference,
  { version }: NonNullable<ServedDatabase["timescaledb"]>,
): readonly ProblemReason[] {
  const allowed = `an image with TimescaleDB under the Timescale licence, such as one built from ${DOCKERFILE}`;
  if (/timescaledb-oss\b/.test(name) || /-oss\b/.test(tag)) {
    return [
      {
        allowed,
        why: "this image has the Apache build, without compression, continuous aggregates and policies: the migrations would fail",
      },
    ];
  }
  if (/^cloudnative-pg\/postgresql$/.test(name)) {
    return [{ allowed, why: "this image has no TimescaleDB: the server would not start" }];
  }
  const [, tagged] = /ts(\d+\.\d+\.\d+)/.exec(tag) ?? [];
  return compact(
    tagged !== undefined &&
      tagged !== version && {
        allowed: `TimescaleDB ${version} (audit.timescaledb.version)`,
        why: "compatibility is checked against that setting",
      },
  );
}

function poolProblem({ tag = "" }: ImageReference): ProblemReason | false {
  const { least, why } = minimumPgbouncer;
  const old = /^v?\d/.test(tag) && compareVersions(tag, least) < 0;
  return old && { allowed: `PgBouncer ${least} or newer`, why };
}
