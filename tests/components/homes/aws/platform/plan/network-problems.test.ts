import {
  type NetworkFacts,
  networkOf,
  zonesOf,
} from "../../../../../../components/homes/aws/platform/plan/network";
import {
  networkSettingProblems,
  networkProblems,
} from "../../../../../../components/homes/aws/platform/plan/network-problems";

const VPC = "vpc-0123456789abcdef0";

/** @param zones of the subnets, one each */
function facts(zones: readonly string[]): NetworkFacts {
  const subnets = zones.map((zone, index) => ({
    id: `subnet-${index}`,
    zone,
    publicAddresses: false,
    outpost: false,
    internetGateways: [],
  }));
  return { region: "r", vpcs: [VPC], subnets, zones: ["ra", "rb", "rc"] };
}

const given = { vpc: VPC, subnetTags: { tier: "database" } };

it("networkProblems accepts two zones and up to 20 subnets", () => {
  expect(networkProblems(given, facts(["ra", "rb"]), ["aws"])).toEqual([]);
  const full = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? "ra" : "rb"));
  expect(networkProblems(given, facts(full), ["aws"])).toEqual([]);
  expect(networkProblems(given, facts([...full, "rc"]), ["aws"])).toEqual([
    {
      key: "sark-databases:aws.subnetTags",
      value: "21 subnets",
      allowed: "at most 20 subnets",
      why: "RDS accepts no more in one subnet group",
    },
  ]);
});

it("networkProblems reports every problem of a network once", () => {
  const { subnets, ...rest } = facts(["ra", "ra"]);
  const [first, second] = subnets;
  if (!first || !second) throw new Error("there are two subnets");
  const wrong = {
    ...rest,
    subnets: [{ ...first, publicAddresses: true, internetGateways: ["igw-1", "igw-2"] }, second],
  };
  const missing = { vpc: VPC, subnets: ["subnet-0", "subnet-1", "subnet-9"] };
  const found = networkProblems(missing, wrong, ["aws", "secondRegion", "replica"]);
  expect(found.map(({ value }) => value)).toEqual([
    "subnet-9",
    "subnet-0, subnet-1 all in ra",
    "subnet-0 (routes to igw-1)",
    "subnet-0 (assigns public addresses)",
  ]);
  const keys = new Set(found.map(({ key }) => key));
  expect(keys).toEqual(new Set(["sark-databases:aws.secondRegion.replica.subnets"]));
});

it.each([
  [given, []],
  [{ vpcTags: { a: "b" }, subnets: ["subnet-0", "subnet-1"] }, []],
  [{ vpcTags: { a: "b" }, ...given }, ["sark-databases:aws.vpc: both vpc and vpcTags"]],
  [{ vpc: VPC }, ["sark-databases:aws.subnets: neither subnets nor subnetTags"]],
  [
    {},
    [
      "sark-databases:aws.vpc: neither vpc nor vpcTags",
      "sark-databases:aws.subnets: neither subnets nor subnetTags",
    ],
  ],
])("givenProblems requires exactly one of ids and tags: %j", (named, problems) => {
  const found = networkSettingProblems(named, ["aws"]).map(({ key, value }) => `${key}: ${value}`);
  expect(found).toEqual(problems);
});

it("networkOf sorts subnets by zone", () => {
  const found = networkOf(facts(["rb", "ra", "rb"]));
  expect(found).toEqual({
    vpc: VPC,
    subnets: [
      { id: "subnet-1", zone: "ra" },
      { id: "subnet-0", zone: "rb" },
      { id: "subnet-2", zone: "rb" },
    ],
  });
  expect(zonesOf(found)).toEqual(["ra", "rb"]);
});
