import type * as pulumi from "@pulumi/pulumi";

/** A subnet of {@link FakeNetwork}. */
export interface FakeSubnet {
  readonly vpc?: string;
  readonly zone: string;
  readonly public?: boolean;
  readonly outpost?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Gateways of its own route table; without them it uses the main one of the VPC. */
  readonly gateways?: readonly string[];
}

/** Networks of an account, as the provider's look-ups return them. */
export interface FakeNetwork {
  /** By id, with their tags. */
  readonly vpcs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly subnets: Readonly<Record<string, FakeSubnet>>;
  /** Gateways of the main route table. */
  readonly main: readonly string[];
}

export const VPC = "vpc-0123456789abcdef0";

/** Three private subnets by their last digit, in three zones of eu-central-1. */
export const SUBNETS = ["1", "2", "3"].map((digit) => `subnet-0000000000000000${digit}`);

/** A network that any database may be in. @param changes of single subnets, by id */
export function goodNetwork(
  changes: Readonly<Record<string, Partial<FakeSubnet>>> = {},
  more: Partial<FakeNetwork> = {},
): FakeNetwork {
  const zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"];
  const tags = { tier: "database" };
  return {
    vpcs: { [VPC]: { tier: "all" } },
    subnets: Object.fromEntries(
      SUBNETS.map((id, index) => [id, { zone: zones[index] ?? "", tags, ...changes[id] }]),
    ),
    main: ["local", "eigw-00000000000000001"],
    ...more,
  };
}

interface Query {
  readonly id?: string;
  readonly vpcId?: string;
  readonly routeTableId?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly filters?: readonly { readonly name: string; readonly values: readonly string[] }[];
}

/** Answers a look-up as AWS does: a list leaves out what was not found. */
export function askNetwork(
  { vpcs, subnets, main }: FakeNetwork,
  { token, inputs }: pulumi.runtime.MockCallArgs,
): Record<string, unknown> {
  const query = inputs as Query;
  const tagged = (tags: Readonly<Record<string, string>> = {}) =>
    Object.entries(query.tags ?? {}).every(([name, value]) => tags[name] === value);
  const passes = (name: string, value: string) =>
    (query.filters ?? []).every((each) => each.name !== name || each.values.includes(value));
  const vpcOf = ({ vpc = VPC }: FakeSubnet) => vpc;
  switch (token) {
    case "aws:ec2/getVpcs:getVpcs":
      return {
        ids: Object.entries(vpcs).flatMap(([id, tags]) =>
          tagged(tags) && passes("vpc-id", id) ? [id] : [],
        ),
      };
    case "aws:ec2/getSubnets:getSubnets":
      return {
        ids: Object.entries(subnets).flatMap(([id, subnet]) =>
          tagged(subnet.tags) && passes("subnet-id", id) && passes("vpc-id", vpcOf(subnet))
            ? [id]
            : [],
        ),
      };
    case "aws:ec2/getSubnet:getSubnet": {
      const { zone, public: isPublic = false, outpost = "" } = subnets[query.id ?? ""] ?? {};
      return {
        id: query.id,
        availabilityZone: zone,
        mapPublicIpOnLaunch: isPublic,
        outpostArn: outpost,
      };
    }
    case "aws:ec2/getRouteTables:getRouteTables": {
      const own = Object.entries(subnets).flatMap(([id, { gateways }]) =>
        gateways && passes("association.subnet-id", id) && passes("association.main", "false")
          ? [`rtb-of-${id}`]
          : [],
      );
      const isMain =
        passes("association.main", "true") && passes("association.subnet-id", "no subnet");
      return { ids: [...own, ...(isMain ? ["rtb-main"] : [])] };
    }
    case "aws:ec2/getRouteTable:getRouteTable": {
      const id = (query.routeTableId ?? "").replace("rtb-of-", "");
      const gateways = subnets[id]?.gateways ?? main;
      const association = id === "rtb-main" ? { main: true, subnetId: "" } : { subnetId: id };
      return {
        associations: [{ main: false, ...association }],
        routes: gateways.map((gatewayId) => ({ gatewayId })),
      };
    }
    case "aws:index/getAvailabilityZones:getAvailabilityZones": {
      const names = ["eu-central-1a", "eu-central-1b", "eu-central-1c", "eu-central-1-ham-1a"];
      const kindOf = (name: string) =>
        name.includes("-ham-") ? "local-zone" : "availability-zone";
      return { names: names.filter((name) => passes("zone-type", kindOf(name))) };
    }
    default:
      throw new Error(`no answer for ${token}`);
  }
}
