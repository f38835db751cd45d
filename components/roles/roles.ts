import * as postgresql from "@pulumi/postgresql";
import type * as pulumi from "@pulumi/pulumi";
import type { DatabaseServer } from "../homes/database-server";
import { DynamicResource } from "../resources/dynamic-resource";
import type { Purpose } from "./plan/logins";
import type { RolePlan } from "./plan/role-plan";
import { passwordVerifier } from "./plan/scram";
import { randomPassword } from "../resources/random-password";
import { connectionTo, type Login } from "../connections/database-connection";
import type { Sequence } from "../database-layer/sequence";

/** SCRAM verifiers of logins' passwords, by login. */
export type Verifiers = Readonly<Record<string, pulumi.Output<string>>>;

/** What came of the plan's roles. */
export interface Roles {
  /** The logins to use; of a pair, the one whose turn it is. */
  readonly logins: Readonly<Record<Purpose, Login>>;
  /** Of the logins that use the pool. */
  readonly verifiers: Verifiers;
}

/**
 * Creates the plan's roles with their memberships, passwords and time-outs.
 * @param guard what may refuse new passwords
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
    // A verifier, so that neither the server's log nor a trace of the connection sees a password.
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
  const inputs = { connection: connectionTo(server), settings };
  sequence.next(
    (opts) => new DynamicResource("database:RoleSettings", `${name}-role-settings`, inputs, opts),
  );
  return {
    logins: Object.fromEntries(logins) as Record<Purpose, Login>,
    verifiers: Object.fromEntries(verifiers),
  };
}
