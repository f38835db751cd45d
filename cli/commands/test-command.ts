import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { createInterface } from "node:readline";
import { changedFiles, testsOfChange } from "./changed-tests";
import { ensurePgBackRestForTests } from "./backup-program";
import { ensureMonitoringPrograms } from "./monitoring-programs";
import { ensureTestPrograms, thisMachine } from "./prerequisites";

interface Check {
  readonly name: string;
  /** A package's program, or an absolute path, and its arguments. */
  readonly command: readonly [string, ...string[]];
}

const CHECKS: readonly Check[] = [
  { name: "format", command: ["oxfmt", "--check", "."] },
  { name: "lint and types", command: ["oxlint", "."] },
  { name: "imports", command: ["depcruise", "."] },
  { name: "dead code", command: ["knip"] },
  { name: "code for tests alone", command: ["knip", "--production"] },
  {
    name: "lint:sql",
    command: [process.execPath, path.join("cli", "bootstrap", "bootstrap.js"), "lint:sql"],
  },
];

/** Lines of one step's output that are kept and shown; the rest is only in its log. */
const MOST_LINES = 400;

/** Failed tests that are named again at the end; the rest are only counted. */
const MOST_NAMES = 40;

/** Slowest test files that a run names at its end. */
const MOST_SLOW = 10;

/** Tests without servers, commands and scanners, which `npm run check` runs. */
const PURE_TESTS = [
  "tests/components/(text|sql-text|parameters|settings|queries|maintenance)/",
  "tests/components/.*/plan/",
  "tests/pages",
  "tests/paths-in-pages",
].join("|");

/** Many tests start servers, so more workers would only measure the machine's load. */
const MOST_WORKERS = 4;

interface JestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    /** Milliseconds since 1970. */
    readonly startTime: number;
    readonly endTime: number;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** Files that could not be run at all. */
  readonly numRuntimeErrorTestSuites: number;
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The last line of `npm test`. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/**
 * Runs checks and tests. Returns the exit code.
 * @param args none for all tests; `--changed [commit]` for those that a change affects; else jest's own, without checks
 */
export async function runTests(root: string, args: readonly string[]): Promise<number> {
  const machine = thisMachine(root, process.env);
  const say = (text: string): void => {
    console.log(text);
  };
  ensureTestPrograms(machine, say);
  ensureMonitoringPrograms(root, machine, say);
  ensurePgBackRestForTests(root, machine, say);
  if (args[0] !== "--changed") return runAll(root, args, args.length === 0);
  const changed = changedFiles(root, args[1]);
  const related = testsOfChange(changed);
  if (changed.length === 0) console.log("Nothing has changed, so no test runs.");
  else if (related.length === 0)
    console.log("The change may affect every test, so all of them run.");
  return runAll(root, changed.length === 0 ? undefined : related, true);
}

/** Runs the checks and the tests that only compute. Returns the exit code. */
export function runCheck(root: string): Promise<number> {
  return runAll(root, ["--testPathPatterns", PURE_TESTS, "--silent"], true);
}

async function runAll(
  root: string,
  jestArguments: readonly string[] | undefined,
  withChecks: boolean,
): Promise<number> {
  fs.mkdirSync(path.join(root, ".sark", "logs"), { recursive: true });
  const checks = withChecks ? await runChecks(root) : [];
  const tests = jestArguments
    ? await runJest(root, jestArguments)
    : { code: 0, passed: 0, failed: 0, skipped: 0 };
  const failedChecks = checks.filter((passed) => !passed).length;
  const counts = {
    passed: tests.passed + checks.length - failedChecks,
    failed: tests.failed + failedChecks,
    skipped: tests.skipped,
  };
  console.log(closingLine(counts));
  return counts.failed > 0 || tests.code !== 0 ? 1 : 0;
}

/** Runs all checks at once: each uses one core, and lint takes as long as the others together. */
async function runChecks(root: string): Promise<readonly boolean[]> {
  return Promise.all(
    CHECKS.map(async ({ name, command }) => {
      const started = performance.now();
      const { code, lines } = await run(root, name, command, false);
      const seconds = ((performance.now() - started) / 1000).toFixed(0);
      console.log(`${name}: ${code === 0 ? "ok" : "failed"} (${seconds} s)`);
      if (code !== 0) console.log(lines.join("\n"));
      return code === 0;
    }),
  );
}

async function runJest(
  root: string,
  args: readonly string[],
): Promise<Counts & { readonly code: number | null }> {
  const report = path.join(root, ".sark", "logs", "jest.json");
  fs.rmSync(report, { force: true });
  // Jest's default leaves one core idle, which on two cores is half of the machine.
  const workers = `--maxWorkers=${Math.min(os.availableParallelism(), MOST_WORKERS)}`;
  const own = args.some((each) => /^(?:-i|-w|--runInBand|--maxWorkers)/.test(each))
    ? []
    : [workers];
  const command = ["jest", "--json", `--outputFile=${report}`, ...own, ...args] as const;
  const { code } = await run(root, "jest", command, true);
  if (!fs.existsSync(report)) return { code, passed: 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  const results = JSON.parse(fs.readFileSync(report, "utf8")) as JestReport;
  for (const line of slowestTests(root, results)) console.log(line);
  for (const line of failedTests(root, results)) console.log(line);
  return { code, ...countTests(results, code) };
}

/** The slowest test files, one line each, with their seconds. */
export function slowestTests(root: string, { testResults }: JestReport): readonly string[] {
  if (testResults.length < MOST_SLOW) return [];
  return testResults
    .map(({ name, startTime, endTime }) => ({ name, seconds: (endTime - startTime) / 1000 }))
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, MOST_SLOW)
    .map(({ name, seconds }) => `slow: ${seconds.toFixed(0)} s ${path.relative(root, name)}`);
}

/** The failed tests, one line each, since the output above may have been cut. */
export function failedTests(root: string, { testResults }: JestReport): readonly string[] {
  const lines = testResults
    .filter(({ status }) => status === "failed")
    .flatMap(({ name, assertionResults }) => {
      const file = path.relative(root, name);
      const failed = assertionResults.filter(({ status }) => status === "failed");
      if (failed.length === 0) return [`failed: ${file} could not be run`];
      return failed.map(({ fullName }) => `failed: ${file}: ${fullName}`);
    });
  const more = lines.length - MOST_NAMES;
  return more > 0 ? [...lines.slice(0, MOST_NAMES), `failed: and ${more} more`] : lines;
}

/** Counts a file that cannot be run as a failure, and also a non-zero exit code without failures. */
export function countTests(report: Omit<JestReport, "testResults">, code: number | null): Counts {
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  return {
    passed: report.numPassedTests,
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** Runs a program. All its output goes to a log; with `show`, the first lines also go to the screen. */
async function run(
  root: string,
  name: string,
  [program, ...args]: readonly [string, ...string[]],
  show: boolean,
): Promise<{ readonly code: number | null; readonly lines: readonly string[] }> {
  const logFile = path.join(".sark", "logs", `${name.replaceAll(/[: ]/g, "-")}.log`);
  const log = fs.createWriteStream(path.join(root, logFile));
  const child = spawn(path.resolve(root, "node_modules", ".bin", program), args, {
    cwd: root,
    // The output goes to a pipe and a log, whatever the terminal supports.
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const take = (line: string) => {
    lines.push(line);
    if (show) console.log(line);
  };
  let left = 0;
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on("line", (line) => {
      log.write(`${line}\n`);
      if (lines.length < MOST_LINES) take(line);
      else left += 1;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  log.end();
  if (left > 0) take(`... ${left} more lines in ${logFile}`);
  return { code, lines };
}
