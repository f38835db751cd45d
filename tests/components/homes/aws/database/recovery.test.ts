import { recoverySource } from "../../../../../components/homes/aws/database/recovery";
import { awsNames } from "../../../../../components/homes/aws/plan/aws-names";
import { built, rdsStack } from "./mocked-rds";

describe("the recovery source", () => {
  const from = (sark: object) => {
    const names = awsNames({ account: "111122223333", region: "eu-central-1" }, "test");
    return recoverySource(rdsStack(sark).sark, names);
  };
  const pointInTime = (restoreToPointInTime: object) => ({ restoreToPointInTime });

  it.each([
    ["empty for the first generation", {}, undefined],
    [
      "the latest backup of the first generation",
      { recovery: { generation: 2 } },
      pointInTime({ sourceDbInstanceIdentifier: "sark-test", useLatestRestorableTime: true }),
    ],
    [
      "the latest backup of the previous generation",
      { recovery: { generation: 4 } },
      pointInTime({ sourceDbInstanceIdentifier: "sark-test-3", useLatestRestorableTime: true }),
    ],
    [
      "an older generation at a point in time, in UTC",
      { recovery: { generation: 4, from: 2, time: "2026-03-01T10:00:00+01:00" } },
      pointInTime({
        sourceDbInstanceIdentifier: "sark-test-2",
        restoreTime: "2026-03-01T09:00:00Z",
      }),
    ],
    [
      "a snapshot",
      { recovery: { generation: 2 }, rds: { snapshot: "rds:sark-test-2026-03-01-01-10" } },
      { snapshotIdentifier: "rds:sark-test-2026-03-01-01-10" },
    ],
  ])("is %s", (_case, sark, source) => {
    expect(from(sark)).toEqual(source);
  });
});

describe("a restored server", () => {
  const generations = async (sark: object) => {
    const [first, second] = [await built(rdsStack()), await built(rdsStack(sark))];
    return {
      first: first.named("sark-primary-instance"),
      second: second.named("sark-2-primary-instance"),
      built: second,
    };
  };
  const CASES: [string, object][] = [
    ["point in time", { recovery: { generation: 2 } }],
    ["snapshot", { recovery: { generation: 2 }, rds: { snapshot: "before-the-accident" } }],
  ];

  it.each(CASES)("is a new resource and a new server: %s", async (_case, sark) => {
    const { first, second, built: after } = await generations(sark);
    expect(second.urn).not.toBe(first.urn);
    expect(second.inputs["identifier"]).toBe("sark-test-2");
    expect(after.planned.map(({ name }) => name)).not.toContain("sark-primary-instance");
    expect(after.made.restoredFromBackup).toBe(true);
    expect(after.named("sark-2-replica-1-instance").inputs).toMatchObject({
      identifier: "sark-test-2-replica-1",
      replicateSourceDb: "sark-test-2",
    });
  });

  it.each(CASES)(
    "sets network, parameters and stand-by again, as RDS restores with defaults: %s",
    async (_case, sark) => {
      const { second } = await generations(sark);
      expect(second.inputs).toMatchObject({
        vpcSecurityGroupIds: ["id of sark-region-network-security-group"],
        dbSubnetGroupName: "sark-test",
        parameterGroupName: "name of sark-2-primary-parameters",
        multiAz: true,
        publiclyAccessible: false,
        port: 5433,
        deletionProtection: false,
        iamDatabaseAuthenticationEnabled: true,
        enabledCloudwatchLogsExports: ["postgresql", "upgrade"],
        caCertIdentifier: "rds-ca-rsa2048-g1",
        backupRetentionPeriod: 30,
        copyTagsToSnapshot: true,
        deleteAutomatedBackups: false,
        finalSnapshotIdentifier: "sark-test-2-final-0123abcd",
      });
    },
  );

  it.each(CASES)("keeps the backup's master user, with a new password: %s", async (_, sark) => {
    const { first, second } = await generations(sark);
    expect(first.inputs["username"]).toBe("sark_master");
    expect(second.inputs).not.toHaveProperty("username");
    expect(first.inputs["password"]).toMatchObject({ value: "password of sark-master-password" });
    expect(second.inputs["password"]).toMatchObject({
      value: "password of sark-2-master-password",
    });
  });

  it("keeps the volume size of its snapshot, which autoscaling may have raised", async () => {
    const volume = ["allocatedStorage", "iops", "storageThroughput", "storageType"];
    const [[, pointInTime] = [], [, snapshot] = []] = CASES;
    const given = async (sark: object) => Object.keys((await generations(sark)).second.inputs);
    expect(await given(pointInTime ?? {})).toEqual(expect.arrayContaining(volume));
    const told = await given(snapshot ?? {});
    expect(told).toContain("maxAllocatedStorage");
    for (const each of volume) expect(told).not.toContain(each);
  });

  it("is not replaced when the settings no longer name its source", async () => {
    const { second } = await generations({ recovery: { generation: 2 } });
    expect(second.ignoreChanges).toEqual(
      expect.arrayContaining(["snapshotIdentifier", "restoreToPointInTime"]),
    );
  });
});
