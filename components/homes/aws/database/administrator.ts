import type * as pulumi from "@pulumi/pulumi";
import type { Login } from "../../../connections/database-connection";
import { DynamicResource } from "../../../resources/dynamic-resource";
import { UNUSED_DATABASES } from "../../../roles/plan/public-rights-plan";
import { passwordVerifier } from "../../../roles/plan/scram";
import type { AdministratorInputs } from "./provider-administrator";

type Given = Omit<AdministratorInputs, "closed" | "user" | "verifier">;

/**
 * Creates the database on RDS and its administrator: a login that owns the database and may create roles, as
 * CloudNativePG does on Kubernetes. It connects as the master user. The master's password is read from Secrets Manager
 * when needed, and is never an input.
 *
 * Running it again corrects what exists, so a server restored from a snapshot gets this stack's password. Deleting it
 * does nothing, as the login goes with the server. The program's credentials need `secretsmanager:GetSecretValue` on
 * the secret, and `kms:Decrypt` on its key.
 */
export function administrator(
  name: string,
  given: { readonly [K in keyof Given]: pulumi.Input<Given[K]> },
  { user, password }: Login,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const inputs = {
    ...given,
    closed: [...UNUSED_DATABASES],
    user,
    // A verifier, so that no password appears in the server's log or in a trace of the connection.
    verifier: password.apply((plain) => passwordVerifier(user, plain)),
  };
  return new DynamicResource("aws:Administrator", name, inputs, opts);
}
