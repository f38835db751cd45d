/** A private subnet, as it was looked up. */
export interface Subnet {
  readonly id: string;
  readonly zone: string;
}

/** The network that a stack was given, as it was found: checked, and the same for all that is made in it. */
export interface Network {
  readonly vpc: string;
  /** In at least two zones, sorted by zone and id. */
  readonly subnets: readonly Subnet[];
}

/** Zones of the subnets, each once, in order. */
export function zonesOf({ subnets }: Network): readonly string[] {
  return [...new Set(subnets.map(({ zone }) => zone))].sort();
}
