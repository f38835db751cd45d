/** What a major upgrade must keep, read before and after it. */
import type { Client } from "pg";
import { readSchema } from "../../components/database-layer/catalog";
import { LEDGER_SCHEMA } from "../../components/migrations/runner/ledger";
import { readRoles } from "./catalog-roles";
import { valueOf } from "./expect-sql";

export interface KeptFacts {
  /** Rows and a checksum of each table. */
  readonly tables: Readonly<Record<string, string>>;
  /** The last value of each sequence. */
  readonly sequences: unknown;
  /** Provider and locale of the database. */
  readonly collation: unknown;
  /** A hash of every login's password verifier. */
  readonly passwords: unknown;
  /** Roles, memberships, settings, privileges and default privileges, without versions of extensions. */
  readonly roles: string;
  readonly schema: string;
}

/** @param without schemas that are not part of the schema dump */
export async function keptFacts(client: Client, without: readonly string[]): Promise<KeptFacts> {
  const rowsOf = async (text: string) => (await client.query<Record<string, unknown>>(text)).rows;
  const named = await rowsOf(`
    select format('%I.%I', n.nspname, c.relname) as name from pg_class as c
      join pg_namespace as n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema', '${LEDGER_SCHEMA}')
     order by 1`);
  const tables: Record<string, string> = {};
  for (const { name } of named) {
    // The checksum does not depend on the order of rows.
    tables[String(name)] = String(
      await valueOf(
        client,
        `select count(*) || ' rows, ' || coalesce(sum(hashtextextended(t::text, 0)), 0) from ${String(name)} as t`,
      ),
    );
  }
  return {
    tables,
    sequences: await rowsOf(
      `select schemaname, sequencename, last_value from pg_sequences
        where schemaname <> '${LEDGER_SCHEMA}' order by 1, 2`,
    ),
    collation: await rowsOf(
      "select datlocprovider, datcollate, datctype, pg_encoding_to_char(encoding) from pg_database where datname = current_database()",
    ),
    passwords: await rowsOf(
      "select rolname, md5(rolpassword) from pg_authid where rolcanlogin order by 1",
    ),
    roles: (await readRoles(client)).replaceAll(/^ {2}version \S+/gm, "  version"),
    schema: await readSchema(client, [LEDGER_SCHEMA, ...without]),
  };
}

/** Problems of pages and indexes, by amcheck: each index is compared with all rows of its table. */
export async function damage(client: Client): Promise<readonly string[]> {
  await client.query("create extension amcheck");
  try {
    const { rows } = await client.query<{ problem: string }>(`
      select c.oid::regclass || ': ' || p.msg as problem from pg_class as c
       cross join lateral verify_heapam(c.oid) as p where c.relkind in ('r', 'm', 't')`);
    await client.query(`
      select bt_index_check(i.indexrelid, heapallindexed => true) from pg_index as i
        join pg_class as c on c.oid = i.indexrelid join pg_am as a on a.oid = c.relam
       where a.amname = 'btree' and c.relpersistence = 'p' and i.indisvalid`);
    return rows.map(({ problem }) => problem);
  } finally {
    await client.query("drop extension amcheck");
  }
}

/** Extensions that have a newer version on this server. */
export async function outdatedExtensions(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(`
    select name from pg_available_extensions where installed_version <> default_version order by 1`);
  return rows.map(({ name }) => name);
}
