import * as aws from "@pulumi/aws";
import { type AwsNames, awsNames, inRegion } from "../plan/aws-names";
import type { AwsSettings } from "../plan/rds-stack";
import type { Network } from "./plan/network";
import { findNetworks } from "./network-lookup";

/** An AWS region of the stack, with its names and provider. */
export interface StackRegion {
  readonly names: AwsNames;
  readonly provider: aws.Provider;
}

/** A region with a network for servers. */
export interface ServerRegion extends StackRegion {
  /** Network of the servers; empty when the stack has none. */
  readonly network: Network;
}

/** The AWS regions of the stack, opened before any resource is registered. */
export interface StackRegions {
  readonly main: ServerRegion;
  /** Region of backup copies and the replica. The network is set only if there is a replica. */
  readonly second?: StackRegion & { readonly network?: Network };
}

/**
 * Creates the providers of the regions, and looks up their networks once.
 * @param stack name of the stack
 * @param served whether the stack has servers on AWS; otherwise no network is looked up
 * @throws SettingsError for an unsuitable network; only providers are registered by then
 */
export async function openRegions(
  settings: AwsSettings,
  stack: string,
  served: boolean,
): Promise<StackRegions> {
  const { secondRegion } = settings;
  const main = openPlace("aws", awsNames(settings, stack));
  const second = secondRegion && openPlace("aws-second", inRegion(main.names, secondRegion.region));
  const wanted = [
    { given: settings, regionProvider: providerOf(main), key: ["aws"] },
    ...(second && secondRegion.replica
      ? [{ given: secondRegion.replica, regionProvider: providerOf(second), key: REPLICA_KEY }]
      : []),
  ];
  const [network = NO_NETWORK, there] = served ? await findNetworks(wanted) : [];
  const places = { main: { ...main, network } };
  if (!second) return places;
  return { ...places, second: there ? { ...second, network: there } : second };
}

const NO_NETWORK: Network = { vpc: "", subnets: [] };
const REPLICA_KEY = ["aws", "secondRegion", "replica"] as const;

function providerOf({ names, provider }: StackRegion) {
  return { provider, region: names.region };
}

function openPlace(name: string, names: AwsNames): StackRegion {
  const { region, account, tags } = names;
  // The provider refuses credentials of any other account.
  const given = { region, allowedAccountIds: [account], defaultTags: { tags } };
  return { names, provider: new aws.Provider(name, given) };
}
