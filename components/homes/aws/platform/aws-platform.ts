import * as pulumi from "@pulumi/pulumi";
import type { AwsNames, AwsSettings } from "../plan/aws-names";
import type { StackSettings } from "../../../settings/stack-settings";
import type { Place, Places, ServedPlace } from "./places";

export interface AwsPlatformArgs {
  readonly settings: StackSettings;
  readonly places: Places;
}

/** What all parts of the stack on AWS stand on: its settings, its names, and the regions with their networks. */
export class AwsPlatform extends pulumi.ComponentResource {
  readonly settings: StackSettings;
  readonly aws: AwsSettings;
  readonly names: AwsNames;
  readonly main: ServedPlace;
  readonly second: Places["second"];

  constructor(
    name: string,
    { settings, places }: AwsPlatformArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("sark:aws:AwsPlatform", name, {}, opts);
    if (!settings.aws) throw new Error("the stack has no settings for AWS");
    this.settings = settings;
    this.aws = settings.aws;
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
