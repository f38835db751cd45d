import * as pulumi from "@pulumi/pulumi";
import type { AwsNames } from "../plan/aws-names";
import type { Place, Places, ServedPlace } from "./places";

export interface AwsPlatformArgs {
  readonly places: Places;
  /** Whether what holds data is neither deleted nor replaced, and stays when the stack goes. */
  readonly protection: boolean;
}

/** What all parts of the stack on AWS share: names, regions with their networks, and whether data is protected. */
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

  /** Options of a resource in a region. @param place of the main region, where left out */
  inside(parent: pulumi.Resource, { provider }: Place = this.main): pulumi.CustomResourceOptions {
    return { parent, provider };
  }
}
