import { groupParameters } from "../../../../../components/homes/aws/database/plan/group-parameters";
import { type Built, PROTECTED, built, rdsStack } from "./mocked-rds";

/** One server of each kind: the primary, two replicas, and one in the second region. */
const SERVERS = [
  "sark-primary-instance",
  "sark-replica-1-instance",
  "sark-replica-2-instance",
  "sark-second-region-replica-instance",
];
const full = rdsStack({ replicas: 2 }, PROTECTED);
let plan: Built;
beforeAll(async () => {
  plan = await built(full);
});

describe("every RDS server", () => {
  it("is in the list of these tests", () => {
    const { planned } = plan;
    const servers = planned.filter(({ type }) => type === "aws:rds/instance:Instance");
    expect(servers.map(({ name }) => name).sort()).toEqual(SERVERS);
  });

  const SECURE: Readonly<Record<string, unknown>> = {
    autoMinorVersionUpgrade: true,
    caCertIdentifier: "rds-ca-rsa2048-g1",
    copyTagsToSnapshot: true,
    deletionProtection: true,
    enabledCloudwatchLogsExports: ["postgresql", "upgrade"],
    iamDatabaseAuthenticationEnabled: true,
    maintenanceWindow: "sun:03:00-sun:04:00",
    monitoringInterval: 60,
    monitoringRoleArn: "arn of sark-monitoring-role",
    multiAz: true,
    networkType: "IPV4",
    performanceInsightsEnabled: true,
    performanceInsightsRetentionPeriod: 7,
    port: 5433,
    publiclyAccessible: false,
    storageEncrypted: true,
    storageType: "gp3",
  };

  it.each(Object.entries(SECURE))("has %s: %j", (property, expected) => {
    const { named } = plan;
    for (const name of SERVERS) {
      expect({ name, value: named(name).inputs[property] }).toEqual({ name, value: expected });
    }
  });

  it("uses its region's network and key, and its own parameters", () => {
    const { named } = plan;
    for (const name of SERVERS) {
      const there = name.includes("second") ? "sark-second-region" : "sark-region";
      expect(named(name).inputs).toMatchObject({
        vpcSecurityGroupIds: [`id of ${there}-network-security-group`],
        performanceInsightsKmsKeyId: `arn of ${there}-key`,
        parameterGroupName: `name of ${name.replace(/instance$/, "parameters")}`,
      });
    }
  });

  it("follows its settings", async () => {
    const rds = {
      minorUpgrades: false,
      maintenanceWindow: "tue:04:00-tue:05:00",
      monitoringSeconds: 15,
      insightsDays: 731,
      applyImmediately: true,
    };
    const { named } = await built(rdsStack({ replicas: 2, rds }, PROTECTED));
    for (const name of SERVERS) {
      expect(named(name).inputs).toMatchObject({
        autoMinorVersionUpgrade: false,
        maintenanceWindow: "tue:04:00-tue:05:00",
        monitoringInterval: 15,
        performanceInsightsRetentionPeriod: 731,
        applyImmediately: true,
      });
    }
  });

  it("has no deletion protection without protection", async () => {
    const { named } = await built(rdsStack({ replicas: 2 }, { ...PROTECTED, protection: false }));
    for (const name of SERVERS) expect(named(name).inputs["deletionProtection"]).toBe(false);
  });
});

describe("the RDS primary", () => {
  it("names the major version only; RDS chooses the minor version", () => {
    const { named } = plan;
    expect(named("sark-primary-instance").inputs).toMatchObject({
      identifier: "sark-test",
      engine: "postgres",
      engineVersion: "18",
      allowMajorVersionUpgrade: true,
      dbSubnetGroupName: "sark-test",
      kmsKeyId: "arn of sark-region-key",
    });
    // RDS would create it with a libc collation; the administrator creates the database instead.
    expect(named("sark-primary-instance").inputs).not.toHaveProperty("dbName");
  });

  it("keeps its backups after deletion", () => {
    const { named } = plan;
    expect(named("sark-primary-instance").inputs).toMatchObject({
      backupRetentionPeriod: 30,
      backupWindow: "01:00-02:00",
      deleteAutomatedBackups: false,
      skipFinalSnapshot: false,
      finalSnapshotIdentifier: "sark-test-final-0123abcd",
      tags: { project: "sark-databases", stack: "test", backup: "sark-test" },
    });
    expect(named("sark-replica-1-instance").inputs["tags"]).not.toHaveProperty("backup");
  });

  it("has a final snapshot with a name that is stable and unique to it", () => {
    const { named } = plan;
    expect(named("sark-primary-final-snapshot").inputs).toEqual({
      byteLength: 4,
      prefix: "sark-test-final-",
      keepers: { identifier: "sark-test" },
    });
  });

  it("has the volume of its settings", async () => {
    const { named } = await built(
      rdsStack({
        rds: { storage: { iops: 16000, throughput: 1000, maximum: "2TiB" } },
      }),
    );
    for (const name of ["sark-primary-instance", "sark-replica-1-instance"]) {
      expect(named(name).inputs).toMatchObject({
        storageType: "gp3",
        iops: 16000,
        storageThroughput: 1000,
        maxAllocatedStorage: 2048,
      });
    }
    expect(named("sark-primary-instance").inputs["allocatedStorage"]).toBe(500);
  });

  it.each([
    [{ replicas: 0, rds: { blueGreen: true } }, { enabled: true }],
    [{ replicas: 0 }, undefined],
  ])("uses blue/green updates only when the settings ask for them: %j", async (sark, expected) => {
    const { named } = await built(rdsStack(sark));
    expect(named("sark-primary-instance").inputs["blueGreenUpdate"]).toEqual(expected);
  });
});

describe("RDS parameter groups", () => {
  const parametersOf = async (sark: object) => {
    const { named } = await built(rdsStack(sark));
    const group = named("sark-primary-parameters");
    const parameters = group.inputs["parameters"];
    if (!Array.isArray(parameters)) throw new Error("the group has no parameters");
    const found = parameters.map((each): [string, unknown] => {
      const { name, value } = each as { name: string; value: unknown };
      return [name, value];
    });
    return {
      class: named("sark-primary-instance").inputs["instanceClass"],
      values: Object.fromEntries(found),
    };
  };

  it("match the major version and the role of the server", () => {
    const { named } = plan;
    for (const [name, role] of [
      ["sark-primary-parameters", "primary"],
      ["sark-replica-1-parameters", "replica"],
      ["sark-second-region-replica-parameters", "replica"],
    ] as const) {
      expect(named(name).inputs).toEqual({
        namePrefix: "sark-test-pg18-",
        family: "postgres18",
        description: `PostgreSQL 18, ${role} of sark-test`,
        parameters: groupParameters(full.sark, role, full.servers.sark),
        tags: { project: "sark-databases", stack: "test" },
      });
    }
  });

  it("change with the class, in the same preview", async () => {
    const [small, large] = [
      await parametersOf({ rds: { instanceClass: "db.m8g.2xlarge" } }),
      await parametersOf({ rds: { instanceClass: "db.m8g.4xlarge" } }),
    ];
    expect([small.class, large.class]).toEqual(["db.m8g.2xlarge", "db.m8g.4xlarge"]);
    for (const name of ["shared_buffers", "effective_cache_size", "work_mem"]) {
      expect(Number(large.values[name])).toBeGreaterThan(Number(small.values[name]));
    }
  });

  it("are new groups for another major version", async () => {
    const { named } = await built(rdsStack({ majorVersion: 17 }));
    expect(named("sark-primary-instance").inputs["engineVersion"]).toBe("17");
    for (const name of ["sark-primary-parameters", "sark-replica-1-parameters"]) {
      expect(named(name).inputs).toMatchObject({
        namePrefix: "sark-test-pg17-",
        family: "postgres17",
      });
    }
  });

  it("use a promoted replica's own major version", async () => {
    const rds = { promoted: 1, replica: { majorVersion: 17 } };
    const { named } = await built(rdsStack({ rds }));
    expect(named("sark-primary-parameters").inputs["family"]).toBe("postgres18");
    expect(named("sark-replica-1-parameters").inputs["family"]).toBe("postgres17");
  });
});
