import {
  closeDatabasesSql,
  type ClosedFunctions,
  closeFunctionsSql,
} from "./plan/public-rights-plan";
import { type TemporaryRight, temporaryRightSql } from "./plan/temporary-right";
import { type ConnectionInput, databaseProvider } from "../connections/provider-connection";

export interface PublicRightsInputs {
  readonly connection: ConnectionInput;
  /** Databases that PUBLIC may neither connect to nor make temporary tables in. */
  readonly databases: readonly string[];
  readonly functions: readonly ClosedFunctions[];
  /** Who may make temporary tables, while a migration runs. */
  readonly temporary: TemporaryRight;
}

/** What is everybody's by PostgreSQL's own defaults, one resource for all of it: the PostgreSQL provider knows no patterns. */
export const publicRightsProvider = databaseProvider<PublicRightsInputs>(
  "public-rights",
  { connection: true, databases: true, functions: true, temporary: true },
  async (client, { databases, functions, temporary }) => {
    if (databases.length > 0) await client.query(closeDatabasesSql(databases));
    for (const each of functions) await client.query(closeFunctionsSql(each));
    await client.query(temporaryRightSql(temporary));
  },
);
