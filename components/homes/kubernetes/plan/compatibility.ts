import type { MajorVersion } from "../../../parameters/parameters";
import { compact } from "../../../text/present";
import type { Problem } from "../../../text/problem";
import { settingKey } from "../../../settings/plan/setting-key";
import type { ClusterStack, ClusteredDatabase, KubernetesSettings } from "./cluster-stack";
import matrix from "./compatibility.json";
import { parseImage, serverImage } from "./images";
import { compareVersions, lineOf } from "./versions";

/** Helm charts of the operators that the stack can install, at fixed versions. */
export const { charts: helmCharts } = matrix;

/** A Helm chart; `appVersion` is the version of what it installs. */
export type Chart = (typeof helmCharts)[keyof typeof helmCharts];

/** Minimum PgBouncer version of an image. */
export const minimumPgbouncer = matrix.pgbouncer;

const operatorLines: Readonly<Record<string, { readonly kubernetes: readonly string[] }>> =
  matrix.cloudnativePg.lines;
const lastWithFailingJobs: Readonly<Record<string, string>> =
  matrix.timescaledb.jobsFail.lastOfLine;
/** First failing minor version, by PostgreSQL major version. */
const firstFailingMinor: Readonly<Record<string, number>> =
  matrix.timescaledb.jobsFail.onPostgresql;

/** Problems of incompatible versions in the settings, by the matrix in the data file. */
export function compatibilityProblems(
  platform: KubernetesSettings,
  clusters: ClusterStack["clusters"],
): readonly Problem[] {
  return [
    ...(clusters.length > 0 ? operatorProblems(platform) : []),
    ...clusters.flatMap(timescaleProblems),
  ];
}

function operatorProblems(platform: KubernetesSettings): readonly Problem[] {
  const { version, cloudnativePg } = platform.operators;
  const key = settingKey(["kubernetes", "operators", "version"]);
  const { least, why } = matrix.cloudnativePg;
  if (compareVersions(version, least) < 0) {
    return [{ key, value: version, allowed: `${least} or newer`, why }];
  }
  const line = operatorLines[lineOf(version)];
  if (line === undefined) {
    return [
      {
        key,
        value: version,
        allowed: `a version of ${Object.keys(operatorLines)
          .map((each) => `${each}.x`)
          .join(", ")}`,
        why: "the stack's objects are checked against these operator versions only; others may reject them",
      },
    ];
  }
  const { appVersion } = helmCharts.cloudnativePg;
  return compact<Problem>(
    ...kubernetesProblems(platform.version, version, line.kubernetes),
    cloudnativePg === "install" &&
      version !== appVersion && {
        key,
        value: version,
        allowed: `${appVersion}, where the stack installs the operator`,
        why: `the stack installs chart ${helmCharts.cloudnativePg.version}, which contains that version`,
      },
  );
}

function kubernetesProblems(
  version: string,
  operator: string,
  [tested = "", last = ""]: readonly string[],
): readonly Problem[] {
  const { least, why } = matrix.kubernetes;
  const first = compareVersions(tested, least) < 0 ? least : tested;
  const early = compareVersions(version, first) < 0;
  return compact(
    (early || compareVersions(version, last) > 0) && {
      key: settingKey(["kubernetes", "version"]),
      value: version,
      allowed: `${first} to ${last}`,
      why: early ? why : `CloudNativePG ${operator} was not tested on later versions`,
    },
  );
}

function timescaleProblems(cluster: ClusteredDatabase): readonly Problem[] {
  const { timescaledb, majorVersion } = cluster;
  if (timescaledb === undefined) return [];
  const { version, license } = timescaledb;
  const key = settingKey(["audit", "timescaledb", "version"]);
  const { least, why, licence } = matrix.timescaledb;
  return compact<Problem>(
    license === "apache" && {
      key: settingKey(["audit", "timescaledb", "license"]),
      value: license,
      allowed: "timescale",
      why: `the schema of sark_audit needs ${listed(licence.needs)}, which the Apache build lacks: its migrations would fail`,
    },
    compareVersions(version, least) < 0 && {
      key,
      value: version,
      allowed: `${least} or newer`,
      why,
    },
    ...majorProblems(version, majorVersion),
    ...minorProblems(version, serverImage(cluster)),
  );
}

function majorProblems(version: string, major: MajorVersion): readonly Problem[] {
  const line = matrix.timescaledb.lines.findLast(({ from }) => compareVersions(version, from) >= 0);
  const [first = 0, last = 0] = line?.postgresql ?? [];
  return compact(
    line !== undefined &&
      (major < first || major > last) && {
        key: settingKey(["audit", "majorVersion"]),
        value: major,
        allowed: `${first} to ${last} with TimescaleDB ${version}`,
        why: "that TimescaleDB version supports no other PostgreSQL versions",
      },
  );
}

/** Finds TimescaleDB versions whose jobs fail on the image's PostgreSQL minor version, if the tag begins with it. */
function minorProblems(version: string, image: string): readonly Problem[] {
  const last = lastWithFailingJobs[lineOf(version)];
  if (last === undefined || compareVersions(version, last) > 0) return [];
  const { tag } = parseImage(image);
  const [, major = "", minor] = /^(\d+)\.(\d+)/.exec(tag ?? "") ?? [];
  const from = firstFailingMinor[major];
  return compact(
    from !== undefined &&
      Number(minor) >= from && {
        key: settingKey(["audit", "timescaledb", "version"]),
        value: `${version} on PostgreSQL ${major}.${minor}`,
        allowed: `a version after ${last}, or PostgreSQL before ${major}.${from}`,
        why: matrix.timescaledb.jobsFail.why,
      },
  );
}

function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;
}
