import { unknownValue } from "@pulumi/pulumi/runtime";
import { PROTECTED, built, rdsStack } from "./mocked-rds";

const full = rdsStack({}, PROTECTED);
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

const policyOf = (text: unknown): unknown => JSON.parse(String(text));

describe("the KMS key of a region", () => {
  it.each([
    ["sark-region-key", "eu-central-1"],
    ["sark-second-region-key", "eu-west-1"],
  ])("%s allows the account, and CloudWatch for the servers' logs only", async (name, region) => {
    const { named } = await built(full);
    const { inputs } = named(name);
    expect(inputs).toMatchObject({ enableKeyRotation: true, deletionWindowInDays: 30 });
    expect(policyOf(inputs["policy"])).toEqual({
      Version: "2012-10-17",
      Statement: [
        expect.objectContaining({
          Effect: "Allow",
          Principal: { AWS: "arn:aws:iam::111122223333:root" },
        }),
        {
          Sid: "LogsOfTheServers",
          Effect: "Allow",
          Principal: { Service: `logs.${region}.amazonaws.com` },
          Action: [
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncrypt*",
            "kms:GenerateDataKey*",
            "kms:DescribeKey",
          ],
          Resource: "*",
          Condition: {
            ArnLike: {
              "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:${region}:111122223333:log-group:/aws/rds/instance/sark-test*`,
            },
          },
        },
      ],
    });
  });
});

it("only RDS of this account may assume the Enhanced Monitoring role", async () => {
  const { named, planned } = await built(full);
  const { inputs } = named("sark-monitoring-role");
  expect(inputs["name"]).toBe("sark-test-rds-monitoring");
  expect(policyOf(inputs["assumeRolePolicy"])).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "RdsForThisAccount",
        Effect: "Allow",
        Principal: { Service: "monitoring.rds.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:SourceAccount": "111122223333" } },
      },
    ],
  });
  const policies = planned.filter(({ type }) => type.startsWith("aws:iam/"));
  expect(policies.map(({ name }) => name)).toEqual([
    "sark-monitoring-role",
    "sark-monitoring-policy",
  ]);
  expect(named("sark-monitoring-policy").inputs["policyArn"]).toBe(
    "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
  );
});

it("log groups of every server are encrypted and kept for logRetentionDays", async () => {
  const { planned } = await built(full);
  const logs = planned.filter(({ type }) => type === "aws:cloudwatch/logGroup:LogGroup");
  const described = logs.map(({ inputs }) => ({
    name: inputs["name"],
    key: inputs["kmsKeyId"],
    days: inputs["retentionInDays"],
  }));
  const of = (server: string, region: string) =>
    ["postgresql", "upgrade"].map((log) => ({
      name: `/aws/rds/instance/${server}/${log}`,
      key: `arn of ${region}-key`,
      days: 400,
    }));
  expect(described).toHaveLength(6);
  expect(described).toEqual(
    expect.arrayContaining([
      ...of("sark-test", "sark-region"),
      ...of("sark-test-replica-1", "sark-region"),
      ...of("sark-test-replica-eu-west-1", "sark-second-region"),
    ]),
  );
});

describe("the master user's password", () => {
  const OWN = [
    ["a replica", { replicas: 1 }],
    ["blue/green", { replicas: 0, rds: { blueGreen: true } }],
  ] as const;

  it.each(OWN)(
    "comes from the stack with %s, as RDS does not manage it then",
    async (_what, sark) => {
      const { named } = await built(rdsStack(sark));
      const { inputs } = named("sark-primary-instance");
      expect(inputs["password"]).toMatchObject({ value: "password of sark-master-password" });
      expect(inputs).not.toHaveProperty("manageMasterUserPassword");
      expect(inputs).not.toHaveProperty("masterUserSecretKmsKeyId");
      expect(named("sark-administrator").inputs["masterSecret"]).toBe("id of sark-master-secret");
    },
  );

  it("is in a secret with the stack's key, in RDS's format", async () => {
    const { named } = await built(full);
    expect(named("sark-master-secret").inputs).toMatchObject({
      namePrefix: "sark-test-master-",
      kmsKeyId: "arn of sark-region-key",
    });
    const sealed = named("sark-master-secret-version").inputs["secretString"];
    expect(Object.values(sealed as object)).toContain(SECRET);
    expect(JSON.parse((sealed as { value: string }).value)).toEqual({
      username: "sark_master",
      password: "password of sark-master-password",
    });
  });

  it("changes with the rotation", async () => {
    const keepers = async (rotation: number) =>
      (await built(rdsStack({}, { rotation }))).named("sark-master-password").inputs["keepers"];
    expect([await keepers(1), await keepers(2)]).toEqual([{ rotation: "1" }, { rotation: "2" }]);
  });

  it("is managed by RDS otherwise, and is not in the state", async () => {
    const { named, planned } = await built(rdsStack({ replicas: 0 }));
    const { inputs } = named("sark-primary-instance");
    expect(inputs).toMatchObject({
      username: "sark_master",
      manageMasterUserPassword: true,
      masterUserSecretKmsKeyId: "arn of sark-region-key",
    });
    expect(inputs).not.toHaveProperty("password");
    expect(planned.map(({ name }) => name).filter((name) => name.includes("master"))).toEqual([]);
    expect(named("sark-administrator").inputs["masterSecret"]).toBe(
      "secret of sark-primary-instance",
    );
  });

  it("has a secret unknown to the preview when the server loses its last replica", async () => {
    const { named } = await built(rdsStack({ replicas: 0 }), true);
    expect(named("sark-administrator").inputs["masterSecret"]).toBe(unknownValue);
  });

  it("appears in no input in plain text, like all other passwords", async () => {
    const { planned } = await built(full);
    for (const { name, inputs } of planned) {
      const open = JSON.stringify(inputs, (_key, each: unknown) =>
        typeof each === "object" && each !== null && Object.values(each).includes(SECRET)
          ? "sealed"
          : each,
      );
      expect({ name, open }).toEqual({
        name,
        open: expect.not.stringMatching(/password of/) as unknown,
      });
    }
  });
});
