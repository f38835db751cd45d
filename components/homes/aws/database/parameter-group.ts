import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { parameterGroup as parametersOf } from "./plan/parameter-maps";
import type { MajorVersion } from "../../../parameters/parameters";
import type { AwsPlatform } from "../platform/aws-platform";
import type { Place } from "../platform/places";

export interface ParameterGroupArgs {
  readonly platform: AwsPlatform;
  readonly place: Place;
  readonly role: "primary" | "replica";
  readonly majorVersion: MajorVersion;
}

/**
 * The parameters of a server. A group belongs to one major version: an upgrade makes a new one under a name of its own,
 * gives it to the server, and deletes the old one last. With `protection` the old one stays: a server that waits for its
 * maintenance window still has it, and RDS deletes none that is in use.
 */
export function parameterGroup(
  name: string,
  { platform, place, role, majorVersion }: ParameterGroupArgs,
  parent: pulumi.Resource,
): aws.rds.ParameterGroup {
  const { settings } = platform;
  const { base, tags } = place.names;
  const { family, parameters } = parametersOf(settings, role, majorVersion);
  return new aws.rds.ParameterGroup(
    name,
    {
      namePrefix: `${base}-pg${majorVersion}-`,
      family,
      description: `PostgreSQL ${majorVersion}, ${role} of ${base}`,
      parameters: [...parameters],
      tags,
    },
    {
      ...platform.inside(parent, place),
      deleteBeforeReplace: false,
      retainOnDelete: settings.protection,
    },
  );
}
