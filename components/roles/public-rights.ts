import type { DatabaseServer } from "../homes/database-server";
import { DynamicResource } from "../resources/dynamic-resource";
import { UNUSED_DATABASES } from "./plan/public-rights-plan";
import type { RolePlan } from "./plan/role-plan";
import { connectionInputs } from "../connections/database-connection";
import type { Sequence } from "../database-layer/sequence";

/**
 * Revokes privileges of PUBLIC that the plan's roles do not need, and prepares the TEMPORARY privilege of migrations.
 * It runs before the migrations, some of which need what is granted instead. An administrator without SUPERUSER cannot
 * change objects of the server's superuser; they are skipped.
 */
export function createPublicRights(
  name: string,
  server: DatabaseServer,
  plan: RolePlan,
  sequence: Sequence,
): void {
  const inputs = {
    connection: connectionInputs(server),
    // An external server may have other logins that use these databases.
    databases: server.dataResource ? [...UNUSED_DATABASES] : [],
    functions: [...plan.closedFunctions],
    temporary: { ...plan.temporary, members: [...plan.temporary.members] },
  };
  sequence.next(
    (opts) => new DynamicResource("database:PublicRights", `${name}-public-rights`, inputs, opts),
  );
}
