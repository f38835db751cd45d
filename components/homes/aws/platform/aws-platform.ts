import * as pulumi from "@pulumi/pulumi";
import type { AwsNames } from "../plan/aws-names";
import type { StackRegion, StackRegions, ServerRegion } from "./stack-regions";

export interface AwsPlatformArgs {
  readonly regions: StackRegions;
  /** Whether resources with data are neither deleted nor replaced, and are kept when the stack is destroyed. */
  readonly protection: boolean;
}

/** What all AWS components of the stack share: names, regions with networks, and whether data is protected. */
export class AwsPlatform extends pulumi.ComponentResource {
  readonly protection: boolean;
  readonly names: AwsNames;
  readonly main: ServerRegion;
  readonly second: StackRegions["second"];

  constructor(
    name: string,
    { regions, protection }: AwsPlatformArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("sark:aws:AwsPlatform", name, {}, opts);
    this.protection = protection;
    this.names = regions.main.names;
    this.main = regions.main;
    this.second = regions.second;
    this.registerOutputs({ region: this.names.region });
  }

  /** Options of a resource in a region. @param place @default the main region */
  optionsIn(
    parent: pulumi.Resource,
    { provider }: StackRegion = this.main,
  ): pulumi.CustomResourceOptions {
    return { parent, provider };
  }
}
