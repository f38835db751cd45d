/** Test files that a change affects, for `npm test -- --changed`. */
import { execFileSync } from "node:child_process";

const PRODUCT = /^(?:cli|components|data|engine|lint|program|scripts|sql)\/|^index\.ts$|^Pulumi\./;

/** Files that build or run the product's sources, which no import shows. */
const RUN_PRODUCT = [
  "scratch/scratch-stack.ts",
  "scratch/scratch-timescale.ts",
  "tests/cli/support/project.ts",
  "tests/components/files/full-disk.test.ts",
  "tests/components/homes/aws/support/reach-project.ts",
  "tests/components/homes/kubernetes/database/layer-project.ts",
  "tests/components/homes/local/users.test.ts",
  "tests/components/route/open-relay.test.ts",
  "tests/components/route/support/bundled-client-library.ts",
  "tests/engine/embedded/harness.ts",
  "tests/support/aws-program.ts",
  "tests/support/local-home.ts",
  "tests/support/migration-runner.ts",
];

/** Files read at run time, which no import shows: the reader is affected when a matching file changes. */
const READS: readonly (readonly [reader: string, files: RegExp])[] = [
  ...RUN_PRODUCT.map((reader) => [reader, PRODUCT] as const),
  ["tests/support/settings-files.ts", /^Pulumi\./],
  ["components/migrations/migration-folder.ts", /^sql\//],
  ["components/queries/query-folder.ts", /^sql\//],
  ["tests/scripts/generated/generated.test.ts", /^(?:docs|sql|components|data|lint|scripts)\//],
  [
    "components/homes/kubernetes/immutable-config-map.ts",
    /^components\/homes\/kubernetes\/scripts\//,
  ],
  ["tests/components/homes/aws/support/haproxy.ts", /^components\/homes\/kubernetes\/scripts\//],
  ["scan/aws-plan.ts", /^scan\/aws\/.*\.py$/],
  ["tests/support/timescale-thread.ts", /^tests\/support\/timescale-worker\.js$/],
  ["tests/pages.test.ts", /\.md$/],
  ["tests/components/objectives/runbooks.test.ts", /^docs\/runbooks\//],
  ["tests/readme.test.ts", /^README\.md$/],
  ["tests/workflows/workflow-files.ts", /^\.github\//],
  ["tests/lint-rules.test.ts", /^(?:\.oxlintrc\.json|\.dependency-cruiser\.js|knip\.config\.js)$/],
];

/** Reads the paths of all files. */
const ALWAYS = "tests/paths-in-pages.test.ts";

/** Files whose use shows in imports. */
const IMPORTED = /\.(?:ts|js|json)$/;

/** Files that every test depends on, though the names look like imported ones. */
const EVERYTHING =
  /^(?:package(?:-lock)?\.json|jest\.config\.js|tsconfig\.json|tests\/support\/(?:module-|unused-package|warnings\/).*)/;

/**
 * Arguments of jest for the tests that a change affects; none for all tests, also after a change of a file of which
 * nothing is known.
 * @param changed paths from the project's root
 */
export function testsOfChange(changed: readonly string[]): readonly string[] {
  const isKnown = (file: string) =>
    READS.some(([, files]) => files.test(file)) || (IMPORTED.test(file) && !EVERYTHING.test(file));
  if (!changed.every(isKnown)) return [];
  const readers = READS.filter(([, files]) => changed.some((file) => files.test(file)));
  return [
    "--passWithNoTests",
    "--findRelatedTests",
    ...new Set([...changed, ...readers.map(([reader]) => reader), ALWAYS]),
  ];
}

/**
 * Files that differ from a commit, committed or not, with new ones.
 * @param since a commit. @default where the branch left main
 */
export function changedFiles(root: string, since?: string): readonly string[] {
  const git = (...args: readonly string[]): readonly string[] =>
    execFileSync("git", args, { cwd: root, encoding: "utf8" }).split("\0").filter(Boolean);
  const base = since ?? git("merge-base", "HEAD", mainBranch(root))[0]?.trim() ?? "HEAD";
  return [
    ...git("diff", "--name-only", "--no-renames", "-z", base),
    ...git("ls-files", "--others", "--exclude-standard", "-z"),
  ];
}

function mainBranch(root: string): string {
  const exists = (name: string): boolean => {
    try {
      execFileSync("git", ["rev-parse", "--verify", "--quiet", name], { cwd: root });
      return true;
    } catch {
      return false;
    }
  };
  return ["origin/main", "main"].find(exists) ?? "HEAD";
}
