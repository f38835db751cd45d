/** A private subnet that was looked up. */
interface Subnet {
  readonly id: string;
  readonly zone: string;
}

/** The network of a stack's servers in one region, looked up and checked. */
export interface Network {
  readonly vpc: string;
  /** Subnets in at least two zones, sorted by zone and id. */
  readonly subnets: readonly Subnet[];
}

/** Facts about a subnet from AWS. */
export interface SubnetFacts extends Subnet {
  /** Whether instances in it get a public address. */
  readonly publicAddresses: boolean;
  /** Whether it is on an Outpost, AWS hardware on a customer's premises. */
  readonly outpost: boolean;
  /** Internet gateways in its route table, without egress-only gateways, which admit no connections. */
  readonly internetGateways: readonly string[];
}

/** Facts about a network, unchecked. Subnets and zones are empty unless exactly one VPC was found. */
export interface NetworkFacts {
  readonly region: string;
  /** VPCs that match the id or tags. */
  readonly vpcs: readonly string[];
  /** Subnets of the VPC that match the ids or tags. */
  readonly subnets: readonly SubnetFacts[];
  /** The region's own zones, without local and wavelength zones. */
  readonly zones: readonly string[];
}

/** The network from its facts, once they have no problems. */
export function networkOf({ vpcs: [vpc = ""], subnets }: NetworkFacts): Network {
  const sortKey = ({ zone, id }: Subnet) => `${zone} ${id}`;
  const byZoneAndId = (a: Subnet, b: Subnet) => (sortKey(a) < sortKey(b) ? -1 : 1);
  return { vpc, subnets: subnets.map(({ id, zone }) => ({ id, zone })).sort(byZoneAndId) };
}

/** Zones of the subnets, each once, in order. */
export function zonesOf({ subnets }: Pick<Network, "subnets">): readonly string[] {
  return [...new Set(subnets.map(({ zone }) => zone))].sort();
}
