import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AwsSettings } from "../plan/aws-names";
import type { AwsPlatform } from "../platform/aws-platform";
import type { ServedPlace } from "../platform/places";
import { RdsNetwork } from "../platform/rds-network";
import { databaseKey } from "./database-key";

/** Arguments of {@link RdsRegion}. */
export interface RdsRegionArgs {
  readonly platform: AwsPlatform;
  readonly place: ServedPlace;
  /** Security groups that reach the servers, by what they are. */
  readonly sources: AwsSettings["sources"];
}

/** What the servers of one region share: the network that they are in, and the key that they are encrypted with. */
export class RdsRegion extends pulumi.ComponentResource {
  readonly place: ServedPlace;
  readonly network: RdsNetwork;
  readonly key: aws.kms.Key;

  constructor(
    name: string,
    { platform, place, sources }: RdsRegionArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("sark:aws:RdsRegion", name, {}, opts);
    this.place = place;
    this.network = new RdsNetwork(
      `${name}-network`,
      { platform, place, sources },
      { parent: this },
    );
    this.key = databaseKey(
      `${name}-key`,
      { names: place.names, protect: platform.settings.protection },
      platform.inside(this, place),
    );
    this.registerOutputs({});
  }
}
