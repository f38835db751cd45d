import * as aws from "@pulumi/aws";
import type { AwsNames, AwsSettings } from "../../lib/aws/names";
import { awsNames, inRegion } from "../../lib/aws/names";
import type { Network } from "../../lib/aws/network";
import { findNetwork } from "./network-lookup";

/** A region that the stack makes something in. */
export interface Place {
  readonly names: AwsNames;
  readonly provider: aws.Provider;
}

/** A region that has servers of the stack, and the network that they are in. */
export interface ServedPlace extends Place {
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
 * @throws SettingsError for a network that no database may be in; only providers are registered by then
 */
export async function openPlaces(settings: AwsSettings, stack: string): Promise<Places> {
  const names = awsNames(settings, stack);
  const provider = createProvider("aws", names);
  const network = await findNetwork(settings, { provider, key: ["aws"] });
  const main = { names, provider, network };
  const { secondRegion } = settings;
  if (!secondRegion) return { main };
  const second = {
    names: inRegion(names, secondRegion.region),
    provider: createProvider("aws-second", inRegion(names, secondRegion.region)),
  };
  if (!secondRegion.replica) return { main, second };
  const key = ["aws", "secondRegion", "replica"];
  const there = await findNetwork(secondRegion.replica, { provider: second.provider, key });
  return { main, second: { ...second, network: there } };
}

/** Refuses the credentials of another account, whatever they would be allowed there. */
function createProvider(name: string, { region, account, tags }: AwsNames): aws.Provider {
  return new aws.Provider(name, {
    region,
    allowedAccountIds: [account],
    defaultTags: { tags },
  });
}
