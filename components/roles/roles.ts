import * as postgresql from "@pulumi/postgresql";
import type * as pulumi from "@pulumi/pulumi";
import type { DatabaseServer } from "../homes/database-server";
import { DynamicResource } from "../resources/dynamic-resource";
import type { Purpose } from "./plan/logins";
import type { RolePlan } from "./plan/role-plan";
import { passwordVerifier } from "./plan/scram";
import { randomPassword } from "../resources/random-password";
import { connectionInputs, type Login } from "../connections/database-connection";
import type { Sequence } from "../database-layer/sequence";

/** SCRAM verifiers by login. */
export type Verifiers = Readonly<Record<string, pulumi.Output<string>>>;

/** Roles created from the plan. */
export interface Roles {
  /** Logins by purpose; of a pair, the active one. */
  readonly logins: Readonly<Record<Purpose, Login>>;
  /** Verifiers of the pooled logins. */
  readonly verifiers: Verifiers;
}

/**
 * Creates the plan's roles with memberships, passwords and timeouts.
 * @param guard resource that may reject new passwords
 */
export function createRoles(
  name: string,
  server: DatabaseServer,
  plan: RolePlan,
  sequence: Sequence,
  guard: pulumi.Resource | undefined,
): Roles {
  const logins = new Map<Purpose, Login>();
  const verifiers = new Map<string, pulumi.Output<string>>();
  const { parent } = sequence.opts;
  const owned = { ...(parent ? { parent } : {}), ...(guard ? { dependsOn: [guard] } : {}) };
  for (const role of plan.roles) {
    const password = role.purpose
      ? randomPassword(`${name}-${role.name}-password`, owned, {
          generation: String(role.generation),
        })
      : undefined;
    // A verifier keeps the password out of the server's log and of traces of the connection.
    const verifier = password?.apply((plain) => passwordVerifier(role.name, plain));
    const args = {
      name: role.name,
      login: role.login,
      roles: [...role.memberOf],
      inherit: role.inherit,
      connectionLimit: role.connectionLimit,
      ...(verifier ? { password: verifier } : {}),
    };
    sequence.next((opts) => new postgresql.Role(`${name}-${role.name}`, args, opts));
    if (verifier && role.pooled) verifiers.set(role.name, verifier);
    if (role.purpose && role.active && password) {
      logins.set(role.purpose, { user: role.name, password });
    }
  }
  const settings = Object.fromEntries(
    plan.roles.filter((role) => role.purpose).map((role) => [role.name, role.settings]),
  );
  const inputs = { connection: connectionInputs(server), settings };
  sequence.next(
    (opts) => new DynamicResource("database:RoleSettings", `${name}-role-settings`, inputs, opts),
  );
  return {
    logins: Object.fromEntries(logins) as Record<Purpose, Login>,
    verifiers: Object.fromEntries(verifiers),
  };
}
