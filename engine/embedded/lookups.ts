import type { Lookup } from "./monitor";

type Inputs = Readonly<Record<string, unknown>>;

const NETWORK =
  "the network on AWS: whether the VPC and its subnets exist, are private, and are in at least two zones. " +
  "Ids that the settings do not give are placeholders.";

const VPC = "vpc-00000000000000000";
const ROUTE_TABLE = "rtb-00000000000000000";
const ZONES = ["a", "b", "c"];

/**
 * Placeholders for cloud look-ups, so that a stack can be planned without credentials: a network that passes the
 * checks, with the ids of the settings where they give any.
 */
export function placeholders(): Lookup {
  // A subnet id does not name its zone, so subnets are spread over the zones in the order of the look-ups.
  const subnets: string[] = [];
  const zoneOf = (id: string) => {
    if (!subnets.includes(id)) subnets.push(id);
    return ZONES[subnets.indexOf(id) % ZONES.length] ?? "";
  };
  const answers: Readonly<Record<string, (inputs: Inputs) => Inputs>> = {
    "aws:ec2/getVpcs:getVpcs": (inputs) => ({ ids: named(inputs, "vpc-id") ?? [VPC] }),
    "aws:ec2/getSubnets:getSubnets": (inputs) => ({
      ids: named(inputs, "subnet-id") ?? ZONES.map((zone) => `subnet-0000000000000000${zone}`),
    }),
    "aws:ec2/getSubnet:getSubnet": ({ id, region }) => ({
      id,
      availabilityZone: `${text(region)}${zoneOf(text(id))}`,
      mapPublicIpOnLaunch: false,
      outpostArn: "",
    }),
    "aws:ec2/getRouteTables:getRouteTables": () => ({ ids: [ROUTE_TABLE] }),
    "aws:ec2/getRouteTable:getRouteTable": () => ({ associations: [{ main: true }], routes: [] }),
    "aws:index/getAvailabilityZones:getAvailabilityZones": ({ region }) => ({
      names: ZONES.map((zone) => `${text(region)}${zone}`),
    }),
  };
  return (token, inputs) => {
    const result = answers[token]?.(inputs);
    return result && { result, unchecked: NETWORK };
  };
}

/** The values of a look-up's filter; undefined without that filter. */
function named({ filters = [] }: Inputs, name: string): readonly unknown[] | undefined {
  const all = filters as readonly { readonly name: unknown; readonly values: readonly unknown[] }[];
  return all.find((filter) => filter.name === name)?.values;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
