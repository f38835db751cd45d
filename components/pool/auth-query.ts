import * as pulumi from "@pulumi/pulumi";
import type { DatabaseServer } from "../homes/database-server";
import { DynamicResource } from "../resources/dynamic-resource";
import type { RolePlan } from "../roles/plan/role-plan";
import { connectionTo } from "../connections/database-connection";
import type { Verifiers } from "../roles/roles";
import type { Sequence } from "../database-layer/sequence";

/** Creates the function by which PgBouncer looks up the verifiers of the application's logins, and of no others. */
export function createAuthQuery(
  name: string,
  server: DatabaseServer,
  plan: RolePlan,
  verifiers: Verifiers,
  sequence: Sequence,
): void {
  const kept = server.hidesVerifiers === true ? verifiers : undefined;
  sequence.next((opts) => new AuthQuery(`${name}-auth-query`, server, plan, kept, opts));
}

class AuthQuery extends DynamicResource {
  constructor(
    name: string,
    server: DatabaseServer,
    plan: RolePlan,
    verifiers: Verifiers | undefined,
    opts: pulumi.CustomResourceOptions,
  ) {
    const named = (...purposes: readonly string[]) =>
      plan.roles
        .filter(({ purpose }) => purpose !== undefined && purposes.includes(purpose))
        .map((role) => role.name);
    const logins = named("app", "readonly");
    super(
      "database:AuthQuery",
      name,
      {
        connection: connectionTo(server),
        caller: named("pgbouncer")[0],
        logins,
        ...(verifiers ? { verifiers: pulumi.secret(chosen(verifiers, logins)) } : {}),
      },
      opts,
    );
  }
}

function chosen(verifiers: Verifiers, logins: readonly string[]): Verifiers {
  return Object.fromEntries(Object.entries(verifiers).filter(([login]) => logins.includes(login)));
}
