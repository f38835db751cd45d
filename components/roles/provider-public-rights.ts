import type * as pulumi from "@pulumi/pulumi";
import {
  closeDatabasesSql,
  type ClosedFunctions,
  closeFunctionsSql,
} from "./plan/public-rights-plan";
import { type TemporaryRight, temporaryRightSql } from "./plan/temporary-right";
import {
  type ConnectionInput,
  diffThroughRelay,
  withClient,
} from "../connections/provider-connection";

export interface PublicRightsInputs {
  readonly connection: ConnectionInput;
  /** Databases that PUBLIC may neither connect to nor make temporary tables in. */
  readonly databases: readonly string[];
  readonly functions: readonly ClosedFunctions[];
  /** Who may make temporary tables, while a migration runs. */
  readonly temporary: TemporaryRight;
}

/** What is everybody's by PostgreSQL's own defaults, one resource for all of it: the PostgreSQL provider knows no patterns. */
export const publicRightsProvider: pulumi.dynamic.ResourceProvider<
  PublicRightsInputs,
  PublicRightsInputs
> = {
  diff: diffThroughRelay<PublicRightsInputs>({
    connection: true,
    databases: true,
    functions: true,
    temporary: true,
  }),

  async create(inputs) {
    await close(inputs);
    return { id: `${inputs.connection.database}-public-rights`, outs: inputs };
  },

  async update(_id, _olds, news) {
    await close(news);
    return { outs: news };
  },

  // The rights go with the server; on one that stays, nobody wants them back.
  delete: () => Promise.resolve(),
};

async function close({
  connection,
  databases,
  functions,
  temporary,
}: PublicRightsInputs): Promise<void> {
  const statements = [
    ...(databases.length > 0 ? [closeDatabasesSql(databases)] : []),
    ...functions.map(closeFunctionsSql),
    temporaryRightSql(temporary),
  ];
  await withClient(connection, async (client) => {
    await client.query("begin");
    for (const statement of statements) await client.query(statement);
    await client.query("commit");
  });
}
