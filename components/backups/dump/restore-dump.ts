import type { Client } from "pg";
import { type ConnectionInput, withClient } from "../../connections/provider-connection";
import type { DumpManifest } from "../plan/dump-manifest";
import { type DatabaseName, rolePlan } from "../../roles/plan/role-plan";
import { DumpError } from "./dump-error";
import { checkManifest, type ReadOptions, unpack } from "./verify-dump";

/**
 * Restores a dump into an empty database, as a superuser. Roles that are missing are created without passwords: the
 * next `up` completes them. TimescaleDB is put into its mode for restoring in the meantime.
 * @param file path of the manifest
 * @throws DumpError with the reason; the database is then to be thrown away
 */
export async function restoreDump(
  file: string,
  target: ConnectionInput,
  options: ReadOptions & { readonly database: DatabaseName },
): Promise<DumpManifest> {
  const manifest = await checkManifest(file, options);
  const { timescaledb, postgresql } = manifest;
  await withClient(target, async (client) => {
    await requireEmpty(client, postgresql);
    await createRoles(client, options.database);
    if (timescaledb === null) return;
    await client.query("create extension if not exists timescaledb schema public");
    const { rows } = await client.query<{ version: string }>(
      "select extversion as version from pg_extension where extname = 'timescaledb'",
    );
    const version = rows[0]?.version;
    if (version !== timescaledb) {
      throw new DumpError(
        `the dump is of TimescaleDB ${timescaledb}, and the server has ${String(version)}; a restore needs the same version`,
      );
    }
    await client.query("select public.timescaledb_pre_restore()");
  });
  const args = ["--exit-on-error", "--no-password", `--dbname=${target.database}`];
  await unpack(file, manifest, options.secret, args, target);
  if (timescaledb !== null) {
    await withClient(target, (client) => client.query("select public.timescaledb_post_restore()"));
  }
  return manifest;
}

async function requireEmpty(client: Client, postgresql: string): Promise<void> {
  const { rows } = await client.query<{ tables: number; major: number }>(
    `select count(*)::integer as tables, current_setting('server_version_num')::integer / 10000 as major
       from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|_?timescaledb_)' and n.nspname <> 'information_schema'`,
  );
  const { tables = 0, major = 0 } = rows[0] ?? {};
  if (tables > 0)
    throw new DumpError(`the database to restore into has ${tables} tables; it must be empty`);
  if (major < Number.parseInt(postgresql, 10)) {
    throw new DumpError(
      `the dump is of PostgreSQL ${postgresql}, and the server to restore into has ${major}`,
    );
  }
}

async function createRoles(client: Client, database: DatabaseName): Promise<void> {
  const { rows } = await client.query<{ rolname: string }>("select rolname from pg_roles");
  const there = new Set(rows.map(({ rolname }) => rolname));
  for (const { name, login } of rolePlan(database, 1).roles) {
    if (!there.has(name)) await client.query(`create role ${name} ${login ? "login" : "nologin"}`);
  }
}
