import * as postgresql from "@pulumi/postgresql";
import type { PlannedGrant, RolePlan } from "./plan/role-plan";
import type { Sequence } from "../database-layer/sequence";

/** Creates the privileges of the plan, including default privileges on future objects of the owner. */
export function createGrants(name: string, plan: RolePlan, sequence: Sequence): void {
  for (const grant of plan.grants) {
    sequence.next((opts) => {
      const resourceName = `${name}-${grant.role}-${grant.on.replace(" ", "-")}`;
      const { role, privileges } = grant;
      const base = { database: plan.database, role, privileges: [...privileges] };
      const kind = futureKind(grant);
      if (kind === undefined) {
        const schema = grant.on === "schema" ? { schema: "public" } : {};
        return new postgresql.Grant(
          resourceName,
          { ...base, ...schema, objectType: grant.on },
          opts,
        );
      }
      // PUBLIC gets EXECUTE on new functions in any schema, so it is revoked for every schema.
      const schema = privileges.length > 0 ? { schema: "public" } : {};
      return new postgresql.DefaultPrivileges(
        resourceName,
        { ...base, ...schema, owner: plan.owner, objectType: kind },
        opts,
      );
    });
  }
}

function futureKind({ on }: PlannedGrant): string | undefined {
  return on.startsWith("future ") ? on.slice("future ".length) : undefined;
}
