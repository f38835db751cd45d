import type { Node } from "@pgsql/types";
import type { Client } from "pg";
import { outsideEffect } from "../plan/statement-effects";

/** Whether a table's index exists and is valid. */
export async function indexState(
  client: Client,
  index: string,
  table: string,
): Promise<"missing" | "invalid" | "valid"> {
  const { rows } = await client.query<{ valid: boolean }>(
    `select i.indisvalid as valid
       from pg_catalog.pg_index as i
      where i.indexrelid = pg_catalog.to_regclass($1) and i.indrelid = pg_catalog.to_regclass($2)`,
    [index, table],
  );
  if (rows[0] === undefined) return "missing";
  return rows[0].valid ? "valid" : "invalid";
}

/** Whether a relation of this name exists. */
export async function relationExists(client: Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    "select pg_catalog.to_regclass($1) is not null as there",
    [name],
  );
  return rows[0]?.there ?? false;
}

/** Qualified names of invalid indexes that a statement outside of a transaction may have left. */
export async function invalidIndexes(client: Client, node: Node): Promise<readonly string[]> {
  const work = outsideEffect(node);
  if (work.kind === "other" || work.kind === "detach partition") return [];
  if (work.kind === "create index") {
    return (await indexState(client, work.index, work.table)) === "invalid" ? [work.index] : [];
  }
  if (work.kind === "drop index") {
    return select(client, "i.indexrelid = pg_catalog.to_regclass($1)", [work.index]);
  }
  // An interrupted rebuild leaves the new or the old index under these names, also on the table's TOAST table.
  const left = "c.relname ~ '_cc(new|old)[0-9]*$'";
  if (work.index !== undefined) {
    return select(
      client,
      `${left} and i.indrelid = (select o.indrelid from pg_catalog.pg_index as o
                                  where o.indexrelid = pg_catalog.to_regclass($1))`,
      [work.index],
    );
  }
  if (work.table !== undefined) {
    return select(
      client,
      `${left} and i.indrelid in (select pg_catalog.unnest(array[t.oid, t.reltoastrelid])
                                    from pg_catalog.pg_class as t where t.oid = pg_catalog.to_regclass($1))`,
      [work.table],
    );
  }
  // A whole schema or database: every such index that the role may drop.
  return select(client, `${left} and pg_catalog.pg_has_role(c.relowner, 'usage')`, []);
}

async function select(
  client: Client,
  condition: string,
  parameters: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select pg_catalog.format('%I.%I', n.nspname, c.relname) as name
       from pg_catalog.pg_index as i
       join pg_catalog.pg_class as c on c.oid = i.indexrelid
       join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
      where not i.indisvalid and c.relkind = 'i' and ${condition}
      order by 1`,
    [...parameters],
  );
  return rows.map(({ name }) => name);
}
