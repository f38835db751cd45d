import * as aws from "@pulumi/aws";
import { type AwsNames, awsNames, inRegion } from "../plan/aws-names";
import type { AwsSettings } from "../plan/rds-stack";
import type { Network } from "./plan/network";
import { findNetworks } from "./network-lookup";

/** A region that the stack makes something in. */
export interface Place {
  readonly names: AwsNames;
  readonly provider: aws.Provider;
}

/** A region for servers of the stack. */
export interface ServedPlace extends Place {
  /** That the servers are in; empty where the stack has none. */
  readonly network: Network;
}

/** Where on AWS the stack makes something; found before anything is made. */
export interface Places {
  readonly main: ServedPlace;
  /** For copies of backups, or for a replica as well, which is what the network is for. */
  readonly second?: Place & { readonly network?: Network };
}

/**
 * Connects to the regions and looks up the networks that were given there, once.
 * @param stack its name
 * @param served whether the stack has servers on AWS; without any, nothing is looked up
 * @throws SettingsError for a network that no database may be in; only providers are registered by then
 */
export async function openPlaces(
  settings: AwsSettings,
  stack: string,
  served: boolean,
): Promise<Places> {
  const { secondRegion } = settings;
  const main = openPlace("aws", awsNames(settings, stack));
  const second = secondRegion && openPlace("aws-second", inRegion(main.names, secondRegion.region));
  const wanted = [
    { given: settings, where: whereOf(main), key: ["aws"] },
    ...(second && secondRegion.replica
      ? [{ given: secondRegion.replica, where: whereOf(second), key: REPLICA_KEY }]
      : []),
  ];
  const [network = NO_NETWORK, there] = served ? await findNetworks(wanted) : [];
  const places = { main: { ...main, network } };
  if (!second) return places;
  return { ...places, second: there ? { ...second, network: there } : second };
}

const NO_NETWORK: Network = { vpc: "", subnets: [] };
const REPLICA_KEY = ["aws", "secondRegion", "replica"] as const;

function whereOf({ names, provider }: Place) {
  return { provider, region: names.region };
}

function openPlace(name: string, names: AwsNames): Place {
  const { region, account, tags } = names;
  // The credentials of another account are refused, whatever they would be allowed there.
  const given = { region, allowedAccountIds: [account], defaultTags: { tags } };
  return { names, provider: new aws.Provider(name, given) };
}
