import type { Lookup } from "./monitor";

type Inputs = Readonly<Record<string, unknown>>;

const NETWORK =
  "the network on AWS: whether the VPC and its subnets exist, are private, and in at least two zones. " +
  "Placeholders stand for what the settings give no id of.";

const VPC = "vpc-00000000000000000";
const ROUTE_TABLE = "rtb-00000000000000000";
const ZONES = ["a", "b", "c"];

/**
 * Placeholders for what a program looks up in a cloud, so that a stack can be planned without credentials: a network
 * that passes the checks, whose ids are those of the settings where these have any.
 */
export function placeholders(): Lookup {
  // A subnet does not say where it is, so they are spread over the zones as they are asked for.
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

/** What a filter of a look-up asks for; undefined without that filter. */
function named({ filters = [] }: Inputs, name: string): readonly unknown[] | undefined {
  const all = filters as readonly { readonly name: unknown; readonly values: readonly unknown[] }[];
  return all.find((filter) => filter.name === name)?.values;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
