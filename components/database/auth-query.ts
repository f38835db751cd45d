import type * as pulumi from "@pulumi/pulumi";
import type { DatabaseServer } from "../database-server";
import { DynamicResource } from "../dynamic-resource";
import type { RolePlan } from "../lib/role-plan";
import { connectionTo } from "./connection";
import type { Sequence } from "./sequence";

/** Creates the function by which PgBouncer looks up the verifiers of the application's logins, and of no others. */
export function createAuthQuery(
  name: string,
  server: DatabaseServer,
  plan: RolePlan,
  sequence: Sequence,
): void {
  sequence.next((opts) => new AuthQuery(`${name}-auth-query`, server, plan, opts));
}

class AuthQuery extends DynamicResource {
  constructor(
    name: string,
    server: DatabaseServer,
    plan: RolePlan,
    opts: pulumi.CustomResourceOptions,
  ) {
    const named = (...purposes: readonly string[]) =>
      plan.roles
        .filter(({ purpose }) => purpose !== undefined && purposes.includes(purpose))
        .map((role) => role.name);
    super(
      "database:AuthQuery",
      name,
      {
        connection: connectionTo(server),
        caller: named("pgbouncer")[0],
        logins: named("app", "readonly"),
      },
      opts,
    );
  }
}
