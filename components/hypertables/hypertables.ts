import * as pulumi from "@pulumi/pulumi";
import type { DatabaseServer } from "../homes/database-server";
import { DynamicResource } from "../resources/dynamic-resource";
import type { HypertablePlan } from "./plan/hypertable-plan";
import type { RolePlan } from "../roles/plan/role-plan";
import { type Login, connectionInputs } from "../connections/database-connection";
import type { Sequence } from "../database-layer/sequence";
import { printable } from "../text/printable";

/**
 * Sets chunk intervals and retention, and logs their warnings in the preview. A shorter retention deletes data at the
 * next run of the retention job; a new interval applies to new chunks.
 */
export function createHypertables(
  name: string,
  server: DatabaseServer,
  plan: RolePlan,
  login: Login,
  { chunkInterval, dropAfter, warnings }: HypertablePlan,
  sequence: Sequence,
): void {
  const inputs = {
    connection: connectionInputs(server, login),
    owner: plan.owner,
    chunkInterval,
    dropAfter,
  };
  // Former name of this resource, before it also set chunk intervals.
  const former = {
    name: `${name}-retention`,
    type: "pulumi-nodejs:dynamic/database:RetentionPolicies",
  };
  const resource = sequence.next(
    (opts) =>
      new DynamicResource("database:Hypertables", `${name}-hypertables`, inputs, {
        ...opts,
        aliases: [former],
      }),
  );
  for (const warning of warnings) void pulumi.log.warn(printable(warning), resource);
}
