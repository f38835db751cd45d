import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { ifThere } from "../../components/files/files";
import { fetchedCliHome, killGroup } from "./find-cli";

/** Time-outs of a download, in milliseconds: without data, and in total. */
export interface FetchLimits {
  readonly silence: number;
  readonly total: number;
}

/** Without a network a download ends after `silence`: under 10 seconds in all. */
const LIMITS: FetchLimits = { silence: 7000, total: 180_000 };
const POLL_MS = 200;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Downloads the Pulumi CLI into `.sark/cli` with the official npm package `pulumi`, in the version of the SDK.
 * @returns why the download failed; undefined if it succeeded
 */
export async function fetchCli(
  root: string,
  env: Readonly<NodeJS.ProcessEnv>,
  limits: FetchLimits = LIMITS,
): Promise<string | undefined> {
  const home = fetchedCliHome(root);
  const temporary = path.join(home, "tmp");
  fs.mkdirSync(temporary, { recursive: true });
  fs.mkdirSync(path.join(root, ".sark", "logs"), { recursive: true });
  const log = path.join(".sark", "logs", "fetch-cli.log");
  const failure = await run(root, env, { home, temporary, log }, limits);
  fs.rmSync(temporary, { recursive: true, force: true });
  if (failure === undefined) {
    fs.rmSync(failureFile(root), { force: true });
    return undefined;
  }
  const reason = `the download failed (${failure}; ${log})`;
  fs.writeFileSync(failureFile(root), JSON.stringify({ time: Date.now(), reason }));
  return reason;
}

/** Why a download failed within the last day, so that later commands do not wait for another one. */
export function rememberedFailure(root: string, now: number = Date.now()): string | undefined {
  try {
    const { time, reason } = JSON.parse(fs.readFileSync(failureFile(root), "utf8")) as {
      readonly time: number;
      readonly reason: string;
    };
    return now - time < DAY_MS ? `${reason}, and is not repeated for a day` : undefined;
  } catch {
    return undefined;
  }
}

function failureFile(root: string): string {
  return path.join(fetchedCliHome(root), "last-failure.json");
}

function run(
  root: string,
  env: Readonly<NodeJS.ProcessEnv>,
  { home, temporary, log }: Readonly<Record<"home" | "temporary" | "log", string>>,
  { silence, total }: FetchLimits,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const output = fs.openSync(path.join(root, log), "w", 0o600);
    const child = spawn(
      "npm",
      ["exec", "--yes", "--loglevel=notice", "--package=pulumi@^3", "--", "pulumi", "version"],
      {
        cwd: home,
        env: { ...env, PULUMI_HOME: home, PULUMI_VERSION: sdkVersion(root), TMPDIR: temporary },
        stdio: ["ignore", output, output],
        detached: true,
      },
    );
    fs.closeSync(output);
    const started = performance.now();
    let lastArrival = started;
    let size = 0;
    const finish = (failure: string | undefined) => {
      clearInterval(timer);
      killGroup(child.pid);
      resolve(failure);
    };
    const timer = setInterval(() => {
      const now = performance.now();
      const sizeNow = folderSize(temporary);
      if (sizeNow !== size) lastArrival = now;
      size = sizeNow;
      if (now - lastArrival > silence) finish(`no data for ${silence / 1000} s`);
      else if (now - started > total) finish(`not finished after ${total / 1000} s`);
    }, POLL_MS);
    child.once("error", (error) => {
      finish(error.message);
    });
    child.once("close", (code) => {
      finish(code === 0 ? undefined : `npm exited with ${String(code)}`);
    });
  });
}

function sdkVersion(root: string): string {
  const file = path.join(root, "node_modules", "@pulumi", "pulumi", "package.json");
  return (JSON.parse(fs.readFileSync(file, "utf8")) as { readonly version: string }).version;
}

/** Bytes below a folder. Files that disappear meanwhile are not counted. */
function folderSize(folder: string): number {
  const read = () => fs.readdirSync(folder, { recursive: true, encoding: "utf8" });
  const files = ifThere(read) ?? [];
  return files
    .map((file) => fs.statSync(path.join(folder, file), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0);
}
