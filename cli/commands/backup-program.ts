import * as fs from "node:fs";
import * as path from "node:path";
import { BACKUP_TOOLS } from "../../components/backups/backup-tools";
import { findPostgresTools } from "../../components/backups/dump/postgres-tools";
import { findPgBackRest, MISSING } from "../../components/homes/local/backups/find-pgbackrest";
import { UserError } from "../../engine/engine";
import { canUnpack, retryHint, unpackPackages } from "./apt-unpack";
import { LOG, type Machine } from "./prerequisites";

/**
 * Debian's pgBackRest of a release that knows PostgreSQL 18, pg_dump and pg_restore, with all libraries, which are newer
 * than the system's.
 */
const PACKAGES = {
  release: "forky",
  names: [
    ...[
      "pgbackrest",
      "postgresql-client-18",
      "libbz2-1.0",
      "libc6",
      "libcap2",
      "libcom-err2",
      "libgcc-s1",
    ],
    ...["libgssapi-krb5-2", "libk5crypto3", "libkeyutils1", "libkrb5-3", "libkrb5support0"],
    ...["libldap2", "liblz4-1", "libpq5", "libsasl2-2", "libssh2-1t64", "libssl3t64"],
    ...["libsystemd0", "libxml2-16", "libzstd1", "zlib1g"],
  ],
};

const PROGRAMS = {
  pgbackrest: "usr/bin/pgbackrest",
  pg_dump: "usr/lib/postgresql/18/bin/pg_dump",
  pg_restore: "usr/lib/postgresql/18/bin/pg_restore",
};

/** Starts an unpacked program with its own libraries and their loader. pgBackRest starts further processes by its name. */
function wrapper(program: string): string {
  return `#!/bin/sh
here=$(dirname "$0")
for loader in "$here"/usr/lib/*/ld-linux-*.so.*; do
  exec "$loader" --argv0 "$0" --library-path "\${loader%/*}" "$here/${program}" "$@"
done
`;
}

/** Major version of the embedded TimescaleDB, which pg_dump must know. */
const DUMPED_MAJOR = 17;

/**
 * Unpacks pgBackRest below the project, where no question is asked: on Debian, as any user.
 * @throws {UserError} where it is missing and cannot be unpacked: a promised backup must not silently be missing
 */
export function ensurePgBackRest(
  root: string,
  machine: Machine,
  say: (text: string) => void,
): void {
  if (unpackPgBackRest(root, machine, say)) return;
  throw new UserError(
    `${MISSING}. Nothing was changed. Install it, and pg_dump of PostgreSQL ${DUMPED_MAJOR} or later, or unset ` +
      "sark-databases:backups.folder and backups.bucket, and run the command again." +
      retryHint(path.join(root, BACKUP_TOOLS)),
  );
}

/** The same for tests: outside of CI they run without it, and say so. */
export function ensurePgBackRestForTests(
  root: string,
  machine: Machine,
  say: (text: string) => void,
): void {
  if (unpackPgBackRest(root, machine, say)) return;
  if ((machine.env["CI"] ?? "") !== "") throw new UserError(`${MISSING}. In CI this is a failure.`);
  say(`${MISSING}: its tests are skipped.`);
}

/** @returns whether pgBackRest is there now */
function unpackPgBackRest(root: string, machine: Machine, say: (text: string) => void): boolean {
  if (hasPrograms()) return true;
  const folder = path.join(root, BACKUP_TOOLS);
  if (!canUnpack(folder, machine)) return false;
  say(
    `Downloading Debian's packages pgbackrest and postgresql-client-18 with their libraries (log: ${LOG}) ...`,
  );
  if (!unpackPackages(folder, PACKAGES, machine)) return false;
  for (const [name, program] of Object.entries(PROGRAMS)) {
    fs.writeFileSync(path.join(folder, name), wrapper(program), { mode: 0o755 });
  }
  return hasPrograms();
}

function hasPrograms(): boolean {
  try {
    findPostgresTools(DUMPED_MAJOR);
    return findPgBackRest() !== undefined;
  } catch {
    return false;
  }
}
