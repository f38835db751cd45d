/** A private subnet, as it was looked up. */
interface Subnet {
  readonly id: string;
  readonly zone: string;
}

/** The network that a stack was given, as it was found: checked, and the same for all that is made in it. */
export interface Network {
  readonly vpc: string;
  /** In at least two zones, sorted by zone and id. */
  readonly subnets: readonly Subnet[];
}

/** What AWS says of a subnet. */
export interface SubnetFacts extends Subnet {
  /** Whether what is put there is given an address of the internet. */
  readonly publicAddresses: boolean;
  /** Whether it is on an Outpost, a part of AWS in somebody's own building. */
  readonly outpost: boolean;
  /** Internet gateways that its route table leads to. An egress-only one is none of them: nothing comes in by it. */
  readonly internetGateways: readonly string[];
}

/** What was looked up of a network, unchecked. Nothing below the VPC is known where not exactly one was found. */
export interface NetworkFacts {
  readonly region: string;
  /** Those that are meant by the id or the tags. */
  readonly vpcs: readonly string[];
  /** Those of the VPC that are meant by the ids or the tags. */
  readonly subnets: readonly SubnetFacts[];
  /** The region's own zones, without local and wavelength zones. */
  readonly zones: readonly string[];
}

/** The network itself, once nothing is wrong with it. */
export function networkOf({ vpcs: [vpc = ""], subnets }: NetworkFacts): Network {
  const siteOf = ({ zone, id }: Subnet) => `${zone} ${id}`;
  const bySite = (a: Subnet, b: Subnet) => (siteOf(a) < siteOf(b) ? -1 : 1);
  return { vpc, subnets: subnets.map(({ id, zone }) => ({ id, zone })).sort(bySite) };
}

/** Zones of the subnets, each once, in order. */
export function zonesOf({ subnets }: Pick<Network, "subnets">): readonly string[] {
  return [...new Set(subnets.map(({ zone }) => zone))].sort();
}
