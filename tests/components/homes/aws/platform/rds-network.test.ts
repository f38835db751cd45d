import type { Registration } from "../../../../../engine/embedded/registration";
import { SECOND_REGION, type Built, built, rdsStack } from "../database/mocked-rds";

const SOURCES = { eks: "sg-0123456789abcdef0", "reports host": "sg-0123456789abcdef9" };

const RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const GROUP = "aws:ec2/securityGroup:SecurityGroup";
const SUBNETS = "aws:rds/subnetGroup:SubnetGroup";

function ofType({ planned }: Built, type: string): readonly Registration[] {
  return planned.filter((each) => each.type === type);
}

describe("the network of servers on RDS", () => {
  let made: Built;
  beforeAll(async () => {
    const aws = { ...SECOND_REGION, sources: SOURCES, port: 6543 };
    made = await built(rdsStack({}, { aws }));
  });

  it("has one described ingress rule for each source, for the servers' port only", () => {
    const rules = ofType(made, RULE).map(({ inputs }) => inputs);
    const rule = (name: string, referencedSecurityGroupId: string, group: string) => ({
      securityGroupId: `id of ${group}`,
      description: `PostgreSQL from ${name}`,
      ipProtocol: "tcp",
      fromPort: 6543,
      toPort: 6543,
      referencedSecurityGroupId,
      tags: { project: "sark-databases", stack: "test" },
    });
    const own = "sark-region-network-security-group";
    expect(rules).toEqual([
      rule("eks", SOURCES.eks, own),
      rule("reports host", SOURCES["reports host"], own),
      rule("spare", "sg-0fedcba9876543210", "sark-second-region-network-security-group"),
    ]);
  });

  it("has no egress rules", () => {
    expect(made.planned.filter(({ type }) => /egress|securityGroupRule/i.test(type))).toEqual([]);
    for (const { inputs } of ofType(made, GROUP)) {
      expect(inputs["egress"]).toBeUndefined();
      expect(inputs["ingress"]).toBeUndefined();
    }
  });

  it("has a security group that can exist beside its replacement", () => {
    const [group] = ofType(made, GROUP);
    expect(group?.inputs).toEqual({
      namePrefix: "sark-test-database-",
      description: "Servers of sark-test on RDS",
      vpcId: "vpc-0123456789abcdef0",
      tags: { project: "sark-databases", stack: "test" },
    });
    expect(group?.deleteBeforeReplace ?? false).toBe(false);
  });

  it("has the private subnets of its own region, with that region's provider", () => {
    const [own, abroad] = ofType(made, SUBNETS);
    expect(own?.inputs).toEqual({
      name: "sark-test",
      description: "Private subnets of sark-test in eu-central-1a, eu-central-1b, eu-central-1c",
      subnetIds: ["a", "b", "c"].map((zone) => `subnet-0123456789abcdef${zone}`),
      tags: { project: "sark-databases", stack: "test" },
    });
    expect(abroad?.inputs["description"]).toContain("eu-west-1a");
    const providers = ([RULE, GROUP, SUBNETS] as const).map((type) =>
      ofType(made, type).map(({ provider }) => /providers:aws::([\w-]+)::/.exec(provider)?.[1]),
    );
    expect(providers).toEqual([
      ["aws", "aws", "aws-second"],
      ["aws", "aws-second"],
      ["aws", "aws-second"],
    ]);
  });

  it("has descriptions in characters that AWS accepts", () => {
    // EC2's rule for descriptions of security groups and their rules.
    const allowed = /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,255}$/;
    const described = [...ofType(made, RULE), ...ofType(made, GROUP)];
    expect(described.length).toBe(5);
    for (const { inputs } of described) expect(inputs["description"]).toMatch(allowed);
  });
});
