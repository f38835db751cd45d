import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { ifThere } from "../../components/files/files";
import { pulumiHome } from "./pulumi-environment";

/** The oldest CLI that has all flags used here: `destroy --preview-only`, `up --continue-on-error`. */
const OLDEST_CLI = [3, 140] as const;

/** Time-out for `pulumi version`, in milliseconds. */
const VERSION_TIMEOUT_MS = 3000;

interface FoundCli {
  readonly command: string;
  readonly version: string;
  /** Its place, for display. */
  readonly where: string;
}

/** A CLI, or why none was found. */
export type CliSearch = FoundCli | { readonly command: undefined; readonly reason: string };

/** The folder of a CLI that this project downloaded. */
export function fetchedCliHome(root: string): string {
  return path.join(root, ".sark", "cli");
}

/**
 * Looks for an installed Pulumi CLI, without a network: on the PATH, in the folders of Pulumi's installer and of the
 * npm package `pulumi`, and in this project's own download folder.
 */
export async function findCli(
  root: string,
  env: Readonly<NodeJS.ProcessEnv>,
  patience: number = VERSION_TIMEOUT_MS,
): Promise<CliSearch> {
  const home = pulumiHome(env);
  const candidates = [
    ...onPath(env).map((command) => ({ command, where: "on the PATH" })),
    { command: path.join(home, "bin", "pulumi"), where: `in ${home}` },
    ...downloaded(home).map((command) => ({ command, where: `in ${home}` })),
    ...downloaded(fetchedCliHome(root)).map((command) => ({ command, where: "in .sark/cli" })),
  ].filter(({ command }) => isExecutable(command));

  const reasons: string[] = [];
  const giveUp = performance.now() + patience;
  for (const { command, where } of candidates) {
    const version = await versionOf(command, env, Math.max(100, giveUp - performance.now()));
    if (version === undefined) reasons.push(`the CLI ${where} does not answer`);
    else if (!isNewEnough(version)) {
      reasons.push(`the CLI ${where} is ${version}, but ${OLDEST_CLI.join(".")} is needed`);
    } else return { command, version, where };
  }
  return { command: undefined, reason: ["no Pulumi CLI found", ...reasons].join("; ") };
}

function onPath(env: Readonly<NodeJS.ProcessEnv>): string[] {
  const folders = (env["PATH"] ?? "").split(path.delimiter).filter((folder) => folder !== "");
  const found = folders.map((folder) => path.join(folder, "pulumi")).find(isExecutable);
  return found === undefined ? [] : [found];
}

/** Newest first. */
function downloaded(home: string): string[] {
  const folder = path.join(home, "versions");
  return (ifThere(() => fs.readdirSync(folder)) ?? [])
    .sort((left, right) => right.localeCompare(left, "en", { numeric: true }))
    .map((version) => path.join(folder, version, "bin", "pulumi"));
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Undefined if it fails or does not answer in time: the npm package's `pulumi` may start a download. */
function versionOf(
  command: string,
  env: Readonly<NodeJS.ProcessEnv>,
  patience: number,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, ["version"], {
      env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
      stdio: ["ignore", "pipe", "ignore"],
      detached: true,
    });
    let text = "";
    const timer = setTimeout(() => {
      killGroup(child.pid);
      resolve(undefined);
    }, patience);
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    child.once("error", () => {
      clearTimeout(timer);
      resolve(undefined);
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve(code === 0 ? /^v?(\d+\.\d+\.\d+\S*)/.exec(text)?.[1] : undefined);
    });
  });
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > OLDEST_CLI[0] || (major === OLDEST_CLI[0] && minor >= OLDEST_CLI[1]);
}

/** Ends a process and its children; it must have been started as `detached`. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has already ended.
  }
}
