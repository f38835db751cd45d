/**
 * Flags of Node's permission model for the two processes of the embedded TimescaleDB. Each reads the program and the
 * server's folder, writes that folder, and has no threads, native addons or code from strings.
 */

/** Files that a process runs from. */
export interface ProgramFiles {
  readonly script: string;
  /** Folder of the package with the engine. */
  readonly package: string;
}

/** Flags for the process that clients connect to: it opens no data, and starts the engine. */
export function serverFlags(program: ProgramFiles, folder: string): string[] {
  return [
    ...sandbox([program.script], folder),
    ...flagIfKnown("--allow-net"),
    "--allow-child-process",
  ];
}

/**
 * Flags for the engine: it starts no process, and has no network if Node can block it (25 and later). Its stack is
 * larger than the engine's `max_stack_depth` can reach.
 */
export function engineFlags(program: ProgramFiles, folder: string): string[] {
  return [
    ...sandbox([program.script, `${program.package}/*`], folder),
    "--stack-size=3900",
    "--max-old-space-size=1024",
  ];
}

function sandbox(readable: readonly string[], folder: string): string[] {
  return [
    flagIfKnown("--permission")[0] ?? "--experimental-permission",
    "--no-warnings",
    "--disallow-code-generation-from-strings",
    ...[...readable, `${folder}/*`, "/proc/self/*"].map((path) => `--allow-fs-read=${path}`),
    `--allow-fs-write=${folder}/*`,
  ];
}

function flagIfKnown(flag: string): string[] {
  return process.allowedNodeEnvironmentFlags.has(flag) ? [flag] : [];
}
