import {
  revokeDatabasesSql,
  type RevokedFunctions,
  revokeFunctionsSql,
} from "./plan/public-rights-plan";
import { type TemporaryPrivilege, temporaryPrivilegeSql } from "./plan/temporary-privilege";
import { type ConnectionInput, databaseProvider } from "../connections/provider-connection";

export interface PublicRightsInputs {
  readonly connection: ConnectionInput;
  /** Databases in which PUBLIC loses CONNECT and TEMPORARY. */
  readonly databases: readonly string[];
  readonly functions: readonly RevokedFunctions[];
  /** TEMPORARY privilege for running migrations. */
  readonly temporary: TemporaryPrivilege;
}

/** Revokes default privileges of PUBLIC, in one resource: the PostgreSQL provider supports no patterns. */
export const publicRightsProvider = databaseProvider<PublicRightsInputs>(
  "public-rights",
  { connection: true, databases: true, functions: true, temporary: true },
  async (client, { databases, functions, temporary }) => {
    if (databases.length > 0) await client.query(revokeDatabasesSql(databases));
    for (const each of functions) await client.query(revokeFunctionsSql(each));
    await client.query(temporaryPrivilegeSql(temporary));
  },
);
