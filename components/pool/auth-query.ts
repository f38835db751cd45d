import * as pulumi from "@pulumi/pulumi";
import type { DatabaseServer } from "../homes/database-server";
import { DynamicResource } from "../resources/dynamic-resource";
import type { RolePlan } from "../roles/plan/role-plan";
import { connectionInputs } from "../connections/database-connection";
import type { Verifiers } from "../roles/roles";
import type { Sequence } from "../database-layer/sequence";

/** Creates the function with which PgBouncer looks up the verifiers of pooled logins, and only of these. */
export function createAuthQuery(
  name: string,
  server: DatabaseServer,
  plan: RolePlan,
  verifiers: Verifiers,
  sequence: Sequence,
): void {
  const inputs = {
    connection: connectionInputs(server),
    caller: plan.roles.find(({ purpose }) => purpose === "pgbouncer")?.name,
    logins: plan.roles.filter(({ pooled }) => pooled).map((role) => role.name),
    ...(server.hidesVerifiers === true ? { verifiers: pulumi.secret(verifiers) } : {}),
  };
  sequence.next(
    (opts) => new DynamicResource("database:AuthQuery", `${name}-auth-query`, inputs, opts),
  );
}
