import {
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  type DBInstance,
  type RDSClient,
  RestoreDBInstanceToPointInTimeCommand,
} from "@aws-sdk/client-rds";
import { withRestoredServer } from "../../../cli/recovery/rds-scratch";

const SOURCE: DBInstance = {
  DBInstanceIdentifier: "sark-prod",
  DBInstanceStatus: "available",
  DBInstanceClass: "db.m8g.large",
  DBSubnetGroup: { DBSubnetGroupName: "sark-prod" },
  VpcSecurityGroups: [{ VpcSecurityGroupId: "sg-1" }],
  DBParameterGroups: [{ DBParameterGroupName: "sark-prod-18" }],
  Endpoint: { Address: "sark-prod.abc.eu-central-1.rds.amazonaws.com", Port: 5433 },
};
const SCRATCH = "sark-prod-restore-drill";

/** RDS with one server, that restores and deletes at once. */
function fakeRds(others: readonly DBInstance[] = [], failing?: Error) {
  const servers = new Map([SOURCE, ...others].map((each) => [each.DBInstanceIdentifier, each]));
  const restored: RestoreDBInstanceToPointInTimeCommand["input"][] = [];
  const send = (command: unknown): Promise<unknown> => {
    if (command instanceof DescribeDBInstancesCommand) {
      const { Filters, DBInstanceIdentifier } = command.input;
      const name = DBInstanceIdentifier ?? Filters?.[0]?.Values?.[0];
      const found = servers.get(name);
      if (found || DBInstanceIdentifier === undefined) {
        return Promise.resolve({ DBInstances: found ? [found] : [] });
      }
      return Promise.reject(Object.assign(new Error(), { name: "DBInstanceNotFoundFault" }));
    }
    if (command instanceof RestoreDBInstanceToPointInTimeCommand) {
      restored.push(command.input);
      const address = { Address: "scratch.example.com", Port: command.input.Port };
      servers.set(SCRATCH, { ...SOURCE, DBInstanceIdentifier: SCRATCH, Endpoint: address });
      return Promise.resolve({});
    }
    if (!(command instanceof DeleteDBInstanceCommand)) throw new Error("unexpected call");
    if (failing) return Promise.reject(failing);
    servers.delete(command.input.DBInstanceIdentifier);
    return Promise.resolve({});
  };
  return { client: { send, config: {} } as unknown as RDSClient, servers, restored };
}

const ASKED = { source: "sark-prod", time: new Date("2026-03-01T10:00:00Z") };

it("restores beside the server, in its network and with its parameters, and deletes it afterwards", async () => {
  const { client, servers, restored } = fakeRds();
  const address = await withRestoredServer(client, ASKED, (found) => {
    expect([...servers.keys()]).toEqual(["sark-prod", SCRATCH]);
    return Promise.resolve(found);
  });
  expect(address).toEqual({ host: "scratch.example.com", port: 5433 });
  expect([...servers.keys()]).toEqual(["sark-prod"]);
  expect(restored).toEqual([
    {
      SourceDBInstanceIdentifier: "sark-prod",
      TargetDBInstanceIdentifier: SCRATCH,
      RestoreTime: ASKED.time,
      DBInstanceClass: "db.m8g.large",
      DBSubnetGroupName: "sark-prod",
      VpcSecurityGroupIds: ["sg-1"],
      DBParameterGroupName: "sark-prod-18",
      Port: 5433,
      PubliclyAccessible: false,
      MultiAZ: false,
      DeletionProtection: false,
      Tags: [{ Key: "restore-drill", Value: "sark-prod" }],
    },
  ]);
});

it("deletes the scratch server when the work fails, and what an earlier drill left", async () => {
  const left = { ...SOURCE, DBInstanceIdentifier: SCRATCH, TagList: [{ Key: "restore-drill" }] };
  const { client, servers } = fakeRds([left]);
  const work = () => Promise.reject(new Error("a check could not run"));
  await expect(withRestoredServer(client, ASKED, work)).rejects.toThrow("a check could not run");
  expect([...servers.keys()]).toEqual(["sark-prod"]);
});

it("refuses another server of the scratch server's name", async () => {
  const { client, servers, restored } = fakeRds([{ ...SOURCE, DBInstanceIdentifier: SCRATCH }]);
  const done = withRestoredServer(client, ASKED, () => Promise.resolve());
  await expect(done).rejects.toThrow(/without the tag restore-drill.*Nothing was changed/);
  expect([servers.size, restored]).toEqual([2, []]);
});

it("says how to delete a scratch server that could not be deleted", async () => {
  const { client } = fakeRds([], new Error("no permission"));
  await expect(withRestoredServer(client, ASKED, () => Promise.resolve())).rejects.toThrow(
    `no permission. Run aws rds delete-db-instance --skip-final-snapshot --db-instance-identifier ${SCRATCH}.`,
  );
});
