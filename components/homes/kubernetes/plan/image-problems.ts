import { present } from "../../../text/present";
import type { Problem, Refusal } from "../../../text/problem";
import { settingKey } from "../../../settings/plan/settings-problems";
import {
  clusteredDatabases,
  clusteredPool,
  databaseSettings,
  servedDatabases,
  usesGateway,
} from "../../../settings/plan/database-settings";
import type { Settings } from "../../../settings/plan/settings-schema";
import { leastPgbouncer } from "./compatibility";
import { type ImageReference, type ImageUse, givenImage, imageOf, parseImage } from "./images";
import { compareVersions } from "./versions";

/** The setting that names an image. */
const KEYS: Readonly<Record<ImageUse, readonly string[]>> = {
  sark: ["sark", "image"],
  sark_audit: ["audit", "image"],
  pool: ["pool", "image"],
  exporter: ["pool", "exporterImage"],
  dump: ["maintenance", "image"],
  gateway: ["aws", "gateway", "image"],
};

/** Where the repository says how an image with TimescaleDB is made. */
const DOCKERFILE = "images/timescaledb/Dockerfile";

/** The images that run on Kubernetes for this stack. */
export function imagesInUse(settings: Settings): readonly ImageUse[] {
  const { maintenance, backups, monitoring } = settings;
  // The jobs run what the image of a server has beside it, also for a server that is no image.
  const databases = maintenance.enabled ? servedDatabases(settings) : clusteredDatabases(settings);
  const dumps = databases.length > 0 && maintenance.enabled && backups.bucket !== undefined;
  return present(
    ...databases,
    usesGateway(settings) && "gateway",
    clusteredPool(settings) && "pool",
    clusteredPool(settings) && monitoring.enabled && "exporter",
    dumps && "dump",
  );
}

/** Images that cannot do what they are for, or could become others. */
export function imageProblems(settings: Settings): readonly Problem[] {
  return imagesInUse(settings).flatMap((use) => {
    if (use === "sark_audit" && givenImage(settings, use) === undefined) return [missing()];
    const reference = parseImage(imageOf(settings, use));
    const problems = present<Refusal>(
      ...tagProblems(settings, use, reference),
      ...(use === "sark_audit" ? timescaleProblems(settings, reference) : []),
      use === "pool" && poolProblem(reference),
      settings.protection &&
        reference.digest === undefined && {
          allowed: `the same with its digest behind it (@sha256:...; crane digest shows it) in ${KEYS[use].join(".")}`,
          why: "the stack is protected, and a tag can be moved to another image, a digest cannot",
        },
    );
    const own = givenImage(settings, use) !== undefined;
    const value = `${imageOf(settings, use)}${own ? "" : ", the default"}`;
    return problems.map((problem) => ({ key: settingKey(KEYS[use]), value, ...problem }));
  });
}

function missing(): Problem {
  return {
    key: settingKey(KEYS.sark_audit),
    value: "nothing",
    allowed: "an image of the operator's PostgreSQL with TimescaleDB under the Timescale licence",
    why: `no public one is made for the operator; ${DOCKERFILE} builds it`,
  };
}

function tagProblems(
  settings: Settings,
  use: ImageUse,
  { tag }: ImageReference,
): readonly Refusal[] {
  if (tag === undefined || tag === "latest") {
    return [
      {
        allowed: "a tag that names a version",
        why: "which version runs would depend on the day that it was fetched",
      },
    ];
  }
  if (use !== "sark" && use !== "sark_audit") return [];
  const { majorVersion } = databaseSettings(settings, use);
  const [, major] = /^(\d+)/.exec(tag) ?? [];
  return present(
    Number(major) !== majorVersion && {
      allowed: `a tag that begins with ${majorVersion}, as majorVersion says`,
      why:
        major === undefined
          ? "the operator reads the server's version from the tag"
          : "the operator would take it for an upgrade, and the parameters are computed for another version",
    },
  );
}

/** By name, since a preview looks into no image. */
function timescaleProblems(
  settings: Settings,
  { name, tag = "" }: ImageReference,
): readonly Refusal[] {
  const allowed = `an image with TimescaleDB under the Timescale licence, such as ${DOCKERFILE} builds`;
  if (/timescaledb-oss\b/.test(name) || /-oss\b/.test(tag)) {
    return [
      {
        allowed,
        why: "this one has the Apache licence's build, without compression, continuous aggregates and policies: the schema's migrations would fail",
      },
    ];
  }
  if (/^cloudnative-pg\/postgresql$/.test(name)) {
    return [{ allowed, why: "this one has no TimescaleDB: the server would not start with it" }];
  }
  const { version } = settings.audit.timescaledb;
  const [, tagged] = /ts(\d+\.\d+\.\d+)/.exec(tag) ?? [];
  return present(
    tagged !== undefined &&
      tagged !== version && {
        allowed: `TimescaleDB ${version}, as audit.timescaledb.version says`,
        why: "the versions are checked against each other by that setting",
      },
  );
}

function poolProblem({ tag = "" }: ImageReference): Refusal | false {
  const { least, why } = leastPgbouncer;
  const old = /^v?\d/.test(tag) && compareVersions(tag, least) < 0;
  return old && { allowed: `PgBouncer ${least} or newer`, why };
}
