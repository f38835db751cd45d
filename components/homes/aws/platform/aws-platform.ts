import * as pulumi from "@pulumi/pulumi";
import type { AwsNames } from "../plan/aws-names";
import type { Place, Places, ServedPlace } from "./places";

export interface AwsPlatformArgs {
  readonly places: Places;
  /** Whether resources with data are neither deleted nor replaced, and are kept when the stack is destroyed. */
  readonly protection: boolean;
}

/** What all AWS components of the stack share: names, regions with networks, and whether data is protected. */
export class AwsPlatform extends pulumi.ComponentResource {
  readonly protection: boolean;
  readonly names: AwsNames;
  readonly main: ServedPlace;
  readonly second: Places["second"];

  constructor(
    name: string,
    { places, protection }: AwsPlatformArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("sark:aws:AwsPlatform", name, {}, opts);
    this.protection = protection;
    this.names = places.main.names;
    this.main = places.main;
    this.second = places.second;
    this.registerOutputs({ region: this.names.region });
  }

  /** Options of a resource in a region. @param place @default the main region */
  inside(parent: pulumi.Resource, { provider }: Place = this.main): pulumi.CustomResourceOptions {
    return { parent, provider };
  }
}
