import type { DBInstance, RDSClient } from "@aws-sdk/client-rds";
import { UserError } from "../../engine/engine";

/** Seconds. RDS restores from the storage's snapshots, and replays up to a day of WAL. */
const LONGEST_RESTORE = 4 * 3600;
const LONGEST_DELETION = 3600;

/** Marks the scratch server, so that a later drill deletes what a lost one has left. */
const TAG = "restore-drill";

export interface ScratchAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Restores a server on RDS into a scratch server with the same class, network and parameters, and deletes that at the
 * end, whatever `work` does.
 * @param source identifier of the server
 * @param time point in time. @default - the newest
 * @throws {UserError} if a server of the scratch server's name exists that is not a drill's, or cannot be deleted
 */
export async function withRestoredServer<T>(
  client: RDSClient,
  { source, time }: { readonly source: string; readonly time: Date | undefined },
  work: (address: ScratchAddress) => Promise<T>,
): Promise<T> {
  const {
    DescribeDBInstancesCommand,
    RestoreDBInstanceToPointInTimeCommand,
    waitUntilDBInstanceAvailable,
  } = await import("@aws-sdk/client-rds");
  const find = async (identifier: string): Promise<DBInstance | undefined> => {
    const { DBInstances = [] } = await client.send(
      new DescribeDBInstancesCommand({
        Filters: [{ Name: "db-instance-id", Values: [identifier] }],
      }),
    );
    return DBInstances[0];
  };
  const original = await find(source);
  if (original === undefined) throw new UserError(`RDS has no server ${source}.`);
  const scratch = `${source}-${TAG}`;
  await removeLeftover(client, await find(scratch));
  const {
    DBInstanceClass,
    DBSubnetGroup,
    VpcSecurityGroups = [],
    DBParameterGroups = [],
  } = original;
  await client.send(
    new RestoreDBInstanceToPointInTimeCommand({
      SourceDBInstanceIdentifier: source,
      TargetDBInstanceIdentifier: scratch,
      ...(time ? { RestoreTime: time } : { UseLatestRestorableTime: true }),
      DBInstanceClass,
      DBSubnetGroupName: DBSubnetGroup?.DBSubnetGroupName,
      VpcSecurityGroupIds: VpcSecurityGroups.map(
        ({ VpcSecurityGroupId = "" }) => VpcSecurityGroupId,
      ),
      DBParameterGroupName: DBParameterGroups[0]?.DBParameterGroupName,
      Port: original.Endpoint?.Port,
      PubliclyAccessible: false,
      MultiAZ: false,
      DeletionProtection: false,
      // Not the source's tags: by them AWS Backup would select the scratch server, too.
      Tags: [{ Key: TAG, Value: source }],
    }),
  );
  try {
    await waitUntilDBInstanceAvailable(
      { client, maxWaitTime: LONGEST_RESTORE },
      { DBInstanceIdentifier: scratch },
    );
    const { Address: host, Port: port } = (await find(scratch))?.Endpoint ?? {};
    if (host === undefined || port === undefined) throw new Error(`${scratch} has no address`);
    return await work({ host, port });
  } finally {
    await remove(client, scratch);
  }
}

async function removeLeftover(client: RDSClient, found: DBInstance | undefined): Promise<void> {
  if (found === undefined) return;
  const { DBInstanceIdentifier: name = "", TagList = [] } = found;
  if (!TagList.some(({ Key }) => Key === TAG)) {
    throw new UserError(
      `RDS has a server ${name} without the tag ${TAG}: it is not a drill's. Rename or delete it. Nothing was changed.`,
    );
  }
  const { waitUntilDBInstanceDeleted } = await import("@aws-sdk/client-rds");
  await remove(client, name);
  await waitUntilDBInstanceDeleted(
    { client, maxWaitTime: LONGEST_DELETION },
    { DBInstanceIdentifier: name },
  );
}

async function remove(client: RDSClient, name: string): Promise<void> {
  const { DeleteDBInstanceCommand } = await import("@aws-sdk/client-rds");
  await client
    .send(
      new DeleteDBInstanceCommand({
        DBInstanceIdentifier: name,
        SkipFinalSnapshot: true,
        DeleteAutomatedBackups: true,
      }),
    )
    .catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new UserError(
        `the scratch server ${name} could not be deleted, and costs money until it is: ${why}. ` +
          `Run aws rds delete-db-instance --skip-final-snapshot --db-instance-identifier ${name}.`,
        { cause },
      );
    });
}
