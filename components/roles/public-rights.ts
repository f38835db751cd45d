import type { DatabaseServer } from "../homes/database-server";
import { DynamicResource } from "../resources/dynamic-resource";
import { UNUSED_DATABASES } from "./plan/public-rights-plan";
import type { RolePlan } from "./plan/role-plan";
import { connectionTo } from "../connections/database-connection";
import type { Sequence } from "../database-layer/sequence";

/**
 * Takes from PUBLIC what the plan's roles do not need, and gives a migration what it needs for a moment: before the migrations,
 * of which some need what is granted instead. An administrator who is no superuser changes nothing of what belongs to the
 * server's superuser.
 */
export function createPublicRights(
  name: string,
  server: DatabaseServer,
  plan: RolePlan,
  sequence: Sequence,
): void {
  const inputs = {
    connection: connectionTo(server),
    // A server that is not this stack's may have logins that work in them.
    databases: server.lifetime ? [...UNUSED_DATABASES] : [],
    functions: [...plan.closedFunctions],
    temporary: { ...plan.temporary, members: [...plan.temporary.members] },
  };
  sequence.next(
    (opts) => new DynamicResource("database:PublicRights", `${name}-public-rights`, inputs, opts),
  );
}
