import type * as pulumi from "@pulumi/pulumi";
import { PROTECTED, SECOND_REGION, built, rdsStack, waitsFor } from "./mocked-rds";

const value = <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => output.apply(resolve));
const nameOf = async (resource: pulumi.Resource) =>
  (await value(resource.urn)).split("::").slice(3).join("::");
const endpoint = (identifier: string) => `${identifier}.example.eu-central-1.rds.amazonaws.com`;

const abroad = { aws: SECOND_REGION };
const promoted = (rds: object, more: object = {}) => rdsStack({ rds, ...more }, abroad);

describe("RDS database", () => {
  it("exposes the primary for writes and the replica for reads", async () => {
    const { made } = await built(rdsStack());
    expect(made).toMatchObject({
      home: "aws",
      engine: "postgresql",
      database: "sark",
      sslMode: "verify-full",
      hidesVerifiers: true,
      restoredFromBackup: false,
      retained: false,
      extensions: ["pg_stat_statements", "pg_trgm", "pgcrypto", "uuid-ossp"],
    });
    expect(made.maxConnections).toBe(made.plan.maxConnections);
    expect(await value(made.host)).toBe(endpoint("sark-test"));
    expect(await value(made.port)).toBe(5433);
    expect(made.replica).toBeDefined();
    expect(made.replica && (await value(made.replica.host))).toBe(endpoint("sark-test-replica-1"));
    expect(made.replica && (await value(made.replica.port))).toBe(5433);
  });

  it.each([
    [rdsStack(), ["primary sark-test", "replica sark-test-replica-1"]],
    [rdsStack({ replicas: 0 }), ["primary sark-test"]],
    [promoted({ promoted: 1 }), ["primary sark-test-replica-1"]],
    [promoted({ promoted: "second-region" }), ["primary sark-test-replica-eu-west-1"]],
  ])("has its metrics read from the servers in use, case %#", async (settings, servers) => {
    const { exported } = (await built(settings)).made;
    expect(exported.map(({ role, name }) => `${role} ${name}`)).toEqual(servers);
    for (const { name, host, port } of exported) {
      expect(await value(host)).toContain(`${name}.example.`);
      expect(await value(port)).toBe(5433);
    }
  });

  it("has no read endpoint without a replica", async () => {
    expect((await built(rdsStack({ replicas: 0 }))).made.replica).toBeUndefined();
  });

  it("is administered through the relay by a login that is not a superuser", async () => {
    const { made, named, listen } = await built(rdsStack());
    expect(made.admin).toMatchObject({
      user: "sark_admin",
      sslMode: "disable",
      superuser: false,
      serverIdentity: "sark-test",
    });
    expect(await value(made.admin.host)).toBe("127.0.0.1");
    expect(await value(made.admin.port)).toBe(listen.port);
    expect(await value(made.relay)).toMatchObject({
      route: { kind: "direct" },
      server: endpoint("sark-test"),
      port: 5433,
    });
    expect(named("sark-administrator").inputs).toMatchObject({
      server: endpoint("sark-test"),
      region: "eu-central-1",
      masterSecret: "id of sark-master-secret",
      database: "sark",
      majorVersion: 18,
      user: "sark_admin",
    });
  });

  it("is retained with protection", async () => {
    expect((await built(rdsStack({}, PROTECTED))).made.retained).toBe(true);
  });

  it.each([
    ["a single server", { availability: "single", replicas: 0 }, ["single server"]],
    ["a stand-by", { replicas: 0 }, []],
    ["a replica", {}, ["may be stale"]],
    ["a promoted replica", { rds: { promoted: 1 } }, ["promoted"]],
  ])("lists the limits of %s", async (_what, sark, sentences) => {
    const { limits } = (await built(rdsStack(sark))).made;
    expect(limits).toEqual(
      sentences.map((sentence) => expect.stringContaining(sentence) as unknown),
    );
  });
});

describe("creation order on RDS", () => {
  it("creates a server after its dependencies, and replicas after the primary", async () => {
    const { named } = await built(rdsStack());
    expect(waitsFor(named("sark-primary-instance"))).toEqual(
      expect.arrayContaining([
        "sark-monitoring-policy",
        "sark-primary-log-postgresql",
        "sark-primary-log-upgrade",
        "sark-primary-parameters",
        "sark-region-key",
        "sark-region-network-security-group",
        "sark-region-network-subnets",
      ]),
    );
    expect(waitsFor(named("sark-replica-1-instance"))).toEqual(
      expect.arrayContaining([
        "sark-primary-instance",
        "sark-replica-1-log-postgresql",
        "sark-replica-1-log-upgrade",
        "sark-replica-1-parameters",
      ]),
    );
  });

  it("creates the administrator after server and secret, and deletes it with the server", async () => {
    const { made, named } = await built(rdsStack());
    const administrator = named("sark-administrator");
    const instance = expect.stringMatching(/::sark-primary-instance$/) as unknown;
    expect(waitsFor(administrator)).toEqual(
      expect.arrayContaining(["sark-primary-instance", "sark-master-secret-version"]),
    );
    expect(administrator).toMatchObject({ deletedWith: instance, replaceWith: [instance] });
    expect(await nameOf(made.ready)).toBe("sark-administrator");
    expect(await nameOf(made.dataResource)).toBe("sark-primary-instance");
  });
});

describe("RDS replicas", () => {
  it("match the number in the settings, with their own class and parameters", async () => {
    const { made, named } = await built(
      rdsStack({ replicas: 2, rds: { replica: { instanceClass: "db.r8g.2xlarge" } } }),
    );
    expect(made.replicas.map(({ identifier }) => identifier)).toEqual([
      "sark-test-replica-1",
      "sark-test-replica-2",
    ]);
    for (const number of [1, 2]) {
      const { inputs } = named(`sark-replica-${number}-instance`);
      expect(inputs).toMatchObject({
        identifier: `sark-test-replica-${number}`,
        replicateSourceDb: "sark-test",
        instanceClass: "db.r8g.2xlarge",
        parameterGroupName: `name of sark-replica-${number}-parameters`,
        skipFinalSnapshot: true,
        multiAz: true,
      });
    }
    expect(named("sark-primary-instance").inputs["instanceClass"]).toBe("db.m8g.2xlarge");
  });

  it("omit inputs that they inherit from the primary", async () => {
    const { named } = await built(rdsStack());
    const given = Object.keys(named("sark-replica-1-instance").inputs);
    for (const inherited of [
      "allocatedStorage",
      "availabilityZone",
      "backupRetentionPeriod",
      "blueGreenUpdate",
      "dbName",
      "dbSubnetGroupName",
      "engine",
      "engineVersion",
      "finalSnapshotIdentifier",
      "kmsKeyId",
      "manageMasterUserPassword",
      "password",
      "username",
    ]) {
      expect(given).not.toContain(inherited);
    }
  });

  it("are spread over zones when the primary has no stand-by", async () => {
    const { named } = await built(rdsStack({ availability: "single", replicas: 3 }));
    const zone = (name: string) => named(`sark-${name}-instance`).inputs["availabilityZone"];
    expect(["primary", "replica-1", "replica-2", "replica-3"].map(zone)).toEqual([
      "eu-central-1a",
      "eu-central-1b",
      "eu-central-1c",
      "eu-central-1a",
    ]);
    expect(named("sark-primary-instance").inputs["multiAz"]).toBe(false);
  });

  it("use network, key and parameters of the second region there", async () => {
    const { made, named } = await built(rdsStack({}, abroad));
    const there = named("sark-second-region-replica-instance");
    expect(there.inputs).toMatchObject({
      identifier: "sark-test-replica-eu-west-1",
      replicateSourceDb: "arn:aws:rds:eu-central-1:111122223333:db:sark-test",
      kmsKeyId: "arn of sark-second-region-key",
      performanceInsightsKmsKeyId: "arn of sark-second-region-key",
      dbSubnetGroupName: "sark-test",
      vpcSecurityGroupIds: ["id of sark-second-region-network-security-group"],
      parameterGroupName: "name of sark-second-region-replica-parameters",
      monitoringRoleArn: "arn of sark-monitoring-role",
    });
    const rule = named("sark-second-region-network-from-spare");
    expect(rule.inputs["referencedSecurityGroupId"]).toBe("sg-0fedcba9876543210");
    for (const name of [
      "sark-second-region-replica-instance",
      "sark-second-region-replica-parameters",
      "sark-second-region-replica-log-postgresql",
      "sark-second-region-key",
      "sark-second-region-network-subnets",
    ]) {
      expect(named(name).provider).toMatch(/::aws-second::/);
    }
    expect(named("sark-primary-instance").provider).toMatch(/::aws::aws$|::aws::id of aws$/);
    expect(made.replica && (await value(made.replica.host))).toBe(endpoint("sark-test-replica-1"));
  });
});

describe("promotion of a replica", () => {
  const WRITER = {
    backupRetentionPeriod: 30,
    backupWindow: "01:00-02:00",
    deleteAutomatedBackups: false,
    skipFinalSnapshot: false,
    password: expect.anything() as unknown,
  };

  it("makes the replica the writer in place", async () => {
    const before = await built(rdsStack({ replicas: 2 }, abroad));
    const after = await built(promoted({ promoted: 2 }, { replicas: 2 }));
    const [old, now] = [before, after].map(({ named }) => named("sark-replica-2-instance"));
    expect(now?.urn).toBe(old?.urn);
    expect(now?.inputs["identifier"]).toBe(old?.inputs["identifier"]);
    expect(old?.inputs["replicateSourceDb"]).toBe("sark-test");
    expect(now?.inputs).not.toHaveProperty("replicateSourceDb");
    expect(now?.inputs).toMatchObject({
      ...WRITER,
      finalSnapshotIdentifier: "sark-test-replica-2-final-0123abcd",
      tags: { backup: "sark-test" },
    });
  });

  it("directs writes, reads and the administrator to it", async () => {
    const { made, named } = await built(promoted({ promoted: 2 }, { replicas: 2 }));
    const address = endpoint("sark-test-replica-2");
    expect(await value(made.host)).toBe(address);
    expect(made.replica && (await value(made.replica.host))).toBe(address);
    expect(made.admin.serverIdentity).toBe("sark-test-replica-2");
    expect(named("sark-administrator").inputs["server"]).toBe(address);
    expect(await nameOf(made.dataResource)).toBe("sark-replica-2-instance");
    // The replica already has the roles and objects of the old primary.
    expect(made.restoredFromBackup).toBe(true);
  });

  it("leaves the old primary and the other replicas unchanged", async () => {
    const before = await built(rdsStack({ replicas: 2 }, abroad));
    const after = await built(promoted({ promoted: 2 }, { replicas: 2 }));
    for (const name of [
      "sark-primary-instance",
      "sark-replica-1-instance",
      "sark-second-region-replica-instance",
    ]) {
      expect(after.named(name).inputs).toEqual(before.named(name).inputs);
    }
  });

  it("also works for the replica in the second region", async () => {
    const { made, named } = await built(promoted({ promoted: "second-region" }));
    const { inputs } = named("sark-second-region-replica-instance");
    expect(inputs).not.toHaveProperty("replicateSourceDb");
    expect(inputs).toMatchObject({
      ...WRITER,
      kmsKeyId: "arn of sark-second-region-key",
      dbSubnetGroupName: "sark-test",
    });
    expect(made.writer.identifier).toBe("sark-test-replica-eu-west-1");
  });
});
