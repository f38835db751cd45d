import * as postgresql from "@pulumi/postgresql";
import type { DatabaseServer } from "../homes/database-server";
import type { RolePlan } from "../roles/plan/role-plan";
import type { Sequence } from "./sequence";

/** Creates the plan's extensions that the server has; what it lacks stands in its `limits`. */
export function createExtensions(
  name: string,
  server: DatabaseServer,
  plan: RolePlan,
  sequence: Sequence,
): void {
  for (const extension of plan.extensions) {
    if (!server.extensions.includes(extension)) continue;
    sequence.next(
      (opts) =>
        new postgresql.Extension(
          `${name}-${extension}`,
          { name: extension, database: plan.database, schema: "public" },
          opts,
        ),
    );
  }
}
