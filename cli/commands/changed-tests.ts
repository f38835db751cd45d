/** Test files that a change affects, for `npm test -- --changed`. */
import { execFileSync } from "node:child_process";

/** Files read at run time, which no import shows: the reader is affected when a matching file changes. */
const READS: readonly (readonly [reader: string, files: RegExp])[] = [
  // Runs the commands in a copy of the checkout.
  [
    "scratch/scratch-stack.ts",
    /^(?:cli|components|data|engine|lint|program|scripts|sql)\/|^index\.ts$|^Pulumi\./,
  ],
  ["tests/support/settings-files.ts", /^Pulumi\./],
  ["components/migrations/migration-folder.ts", /^sql\//],
  ["cli/commands/query-files.ts", /^sql\//],
  ["tests/scripts/generated/generated.test.ts", /^(?:docs|sql|components|data|lint|scripts)\//],
  [
    "components/homes/kubernetes/immutable-config-map.ts",
    /^components\/homes\/kubernetes\/scripts\//,
  ],
  ["tests/components/homes/aws/support/haproxy.ts", /^components\/homes\/kubernetes\/scripts\//],
  ["scan/aws-plan.ts", /^scan\/aws\/.*\.py$/],
  ["tests/pages.test.ts", /\.md$/],
  ["tests/readme.test.ts", /^README\.md$/],
  ["tests/paths-in-pages.test.ts", /\.md$|\//],
  ["tests/workflows/workflow-files.ts", /^\.github\//],
  ["tests/lint-rules.test.ts", /^(?:\.oxlintrc\.json|\.dependency-cruiser\.js|knip\.config\.js)$/],
];

/** Changes after which every test runs: nothing tells which tests depend on them. */
const EVERYTHING =
  /^(?:package(?:-lock)?\.json|jest\.config\.js|tsconfig\.json|tests\/support\/(?:module-|warnings\/).*|images\/.*|\..*)$/;

/**
 * Arguments of jest for the tests that a change affects; none for all tests.
 * @param changed paths from the project's root
 */
export function testsOfChange(changed: readonly string[]): readonly string[] {
  const readers = READS.filter(([, files]) => changed.some((file) => files.test(file)));
  const unknown = changed.filter(
    (file) =>
      EVERYTHING.test(file) &&
      !READS.some(([reader, files]) => files.test(file) && !reader.includes("paths-in-pages")),
  );
  if (unknown.length > 0) return [];
  return [
    "--passWithNoTests",
    "--findRelatedTests",
    ...new Set([...changed, ...readers.map(([reader]) => reader)]),
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
