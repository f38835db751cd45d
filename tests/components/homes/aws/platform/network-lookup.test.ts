import * as pulumi from "@pulumi/pulumi";
import { placeholders } from "../../../../../engine/embedded/lookups";
import type { Lookup } from "../../../../../engine/embedded/monitor";
import { readConfig } from "../../../../../engine/embedded/config";
import { projectRoot } from "../../../../../components/files/project-root";
import { home as awsModule } from "../../../../../components/homes/aws/open-aws";
import { homeRequest } from "../../../../../components/homes/plan/registry";
import type { OpenHome } from "../../../../../components/homes/open-home";
import { SettingsError, loadSettings } from "../../../../../components/settings/settings";
import {
  type FakeNetwork,
  SUBNETS,
  VPC,
  askNetwork,
  goodNetwork,
} from "../../../../support/fake-network";

type Changes = Readonly<Record<string, unknown>>;

interface Opened {
  readonly home: OpenHome | undefined;
  readonly refusal: string | undefined;
  /** Types of what was registered. */
  readonly registered: readonly string[];
  readonly asked: readonly string[];
}

/**
 * Opens the AWS home of the stack prod, in an account with a fake network.
 * @param network the network, or a function that answers look-ups
 * @param changes changes of the settings group `aws`
 */
async function open(network: FakeNetwork | Lookup, changes: Changes = {}): Promise<Opened> {
  const registered: string[] = [];
  const asked: string[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        registered.push(type);
        return { id: name, state: inputs as object };
      },
      call: (call) => {
        asked.push(call.token);
        return typeof network === "function"
          ? { ...network(call.token, call.inputs as Changes)?.result }
          : askNetwork(network, call);
      },
    },
    "sark-databases",
    "prod",
  );
  const { values } = readConfig({ root: projectRoot(), stack: "prod" });
  const aws: unknown = JSON.parse(values["sark-databases:aws"] ?? "{}");
  const changed = JSON.stringify({ ...(aws as object), ...changes });
  pulumi.runtime.setAllConfig({ ...values, "sark-databases:aws": changed });
  const opened = { home: undefined, refusal: undefined };
  try {
    const settings = loadSettings();
    const home = await awsModule.open(settings, homeRequest(settings, "aws"));
    return { ...opened, home, registered, asked };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return { ...opened, refusal: error.message, registered, asked };
  } finally {
    await pulumi.runtime.disconnect();
    pulumi.runtime.setAllConfig({});
  }
}

const [first = "", second = "", third = ""] = SUBNETS;
const GATEWAY = "igw-00000000000000001";

it("network look-up accepts private subnets, and makes each request once", async () => {
  const { home, refusal, registered, asked } = await open(goodNetwork());
  expect(refusal).toBeUndefined();
  expect(home).toBeDefined();
  expect(registered.slice(0, 2)).toEqual(["pulumi:providers:aws", "pulumi:providers:aws"]);
  const count = (what: string) => asked.filter((token) => token.endsWith(`:${what}`)).length;
  expect([count("getVpcs"), count("getSubnets"), count("getSubnet")]).toEqual([1, 1, 3]);
  expect([count("getRouteTables"), count("getRouteTable")]).toEqual([2, 1]);
});

/** Networks with their error. The settings name the VPC by id and the subnets by the tag tier: database. */
const REFUSED: Readonly<Record<string, readonly [FakeNetwork, string, Changes?]>> = {
  "a public subnet, by its own route table": [
    goodNetwork({ [second]: { gateways: ["local", GATEWAY] } }),
    `sark-databases:aws.subnetTags: got ${second} (routes to ${GATEWAY}); allowed: private subnets`,
  ],
  "public subnets, by the main route table": [
    goodNetwork({ [third]: { gateways: ["local"] } }, { main: ["local", GATEWAY] }),
    `got ${first} (routes to ${GATEWAY}), ${second} (routes to ${GATEWAY}); allowed: private subnets`,
  ],
  "a subnet that assigns public addresses": [
    goodNetwork({ [first]: { public: true } }),
    `got ${first} (assigns public addresses); allowed: private subnets`,
  ],
  "subnets in one zone": [
    goodNetwork({ [second]: { zone: "eu-central-1a" }, [third]: { zone: "eu-central-1a" } }),
    `got ${SUBNETS.join(", ")} all in eu-central-1a; allowed: subnets in at least two zones`,
  ],
  "a subnet of another VPC": [
    goodNetwork({ [first]: { vpc: "vpc-00000000000000009" } }),
    `sark-databases:aws.subnets: got ${first}; allowed: subnets of ${VPC} in eu-central-1`,
    { subnets: SUBNETS, subnetTags: undefined },
  ],
  "tags without a matching subnet": [
    goodNetwork(),
    "sark-databases:aws.subnetTags: got no subnet; allowed: subnets in at least two zones",
    { subnetTags: { tier: "nothing" } },
  ],
  "a VPC that does not exist": [
    goodNetwork({}, { vpcs: {} }),
    `sark-databases:aws.vpc: got ${VPC}; allowed: a VPC in eu-central-1`,
  ],
  "tags without a matching VPC": [
    goodNetwork(),
    "sark-databases:aws.vpcTags: got tier: none, which no VPC has; allowed: tags that exactly one VPC",
    { vpc: undefined, vpcTags: { tier: "none" } },
  ],
  "tags that match two VPCs": [
    goodNetwork({}, { vpcs: { [VPC]: { tier: "all" }, "vpc-00000000000000009": { tier: "all" } } }),
    `got tier: all, which ${VPC} and vpc-00000000000000009 have; allowed: tags that exactly one VPC`,
    { vpc: undefined, vpcTags: { tier: "all" } },
  ],
  "a local zone": [
    goodNetwork({ [first]: { zone: "eu-central-1-ham-1a" } }),
    `got ${first} (in eu-central-1-ham-1a); allowed: subnets in the region's own zones: eu-central-1a`,
  ],
  "an Outpost": [
    goodNetwork({
      [first]: { outpost: "arn:aws:outposts:eu-central-1:111122223333:outpost/op-1" },
    }),
    `got ${first} (on an Outpost)`,
  ],
  "a missing VPC setting": [
    goodNetwork(),
    "sark-databases:aws.vpc: got neither vpc nor vpcTags; allowed: either vpc or vpcTags",
    { vpc: undefined },
  ],
  "a VPC named by id and tags": [
    goodNetwork(),
    "sark-databases:aws.vpc: got both vpc and vpcTags; allowed: either vpc or vpcTags",
    { vpcTags: { tier: "all" } },
  ],
};

it.each(Object.entries(REFUSED))(
  "network look-up refuses %s, with only providers registered",
  async (_what, [network, message, changes = {}]) => {
    const { refusal, registered } = await open(network, changes);
    expect(refusal).toContain("nothing was changed:\n");
    expect(refusal).toContain(message);
    expect(registered.filter((type) => !type.startsWith("pulumi:providers:"))).toEqual([]);
  },
);

it("network look-up ignores subnets of other VPCs with the same tags", async () => {
  const other = {
    vpc: "vpc-00000000000000009",
    zone: "eu-central-1a",
    tags: { tier: "database" },
    gateways: [GATEWAY],
  };
  const { subnets, ...rest } = goodNetwork();
  const { refusal } = await open({
    ...rest,
    subnets: { ...subnets, "subnet-00000000000000009": other },
  });
  expect(refusal).toBeUndefined();
});

it("network look-up accepts the embedded engine's placeholders, by ids or tags", async () => {
  const byTags = { vpc: undefined, vpcTags: { tier: "all" } };
  const byIds = { subnetTags: undefined, subnets: SUBNETS };
  const replica = {
    vpcTags: { tier: "all" },
    subnets: SUBNETS.slice(1),
    sources: { eks: "sg-0123456789abcdef0" },
  };
  const secondRegion = { region: "eu-west-1", replica };
  for (const changes of [{}, byTags, byIds, { secondRegion }]) {
    const { refusal, asked } = await open(placeholders(), changes);
    expect(refusal).toBeUndefined();
    const answered = asked.map((token) => placeholders()(token, {})?.unchecked);
    expect(new Set(answered).size).toBe(1);
    expect(answered[0]).toMatch(/^the network on AWS: /);
  }
});

it("network look-up reports all problems of both regions at once", async () => {
  const replica = {
    vpcTags: { tier: "none" },
    subnetTags: { tier: "database" },
    sources: { eks: "sg-0123456789abcdef0" },
  };
  const network = goodNetwork({ [first]: { public: true, gateways: [GATEWAY] } });
  const { refusal } = await open(network, { secondRegion: { region: "eu-west-1", replica } });
  expect(refusal?.split("\n").slice(1)).toEqual([
    expect.stringContaining(`got ${first} (routes to ${GATEWAY})`),
    expect.stringContaining(`got ${first} (assigns public addresses)`),
    expect.stringContaining("sark-databases:aws.secondRegion.replica.vpcTags: got tier: none"),
  ]);
});
