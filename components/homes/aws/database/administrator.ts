import type * as pulumi from "@pulumi/pulumi";
import type { Login } from "../../../connections/database-connection";
import { DynamicResource } from "../../../resources/dynamic-resource";
import { UNUSED_DATABASES } from "../../../roles/plan/public-rights-plan";
import { passwordVerifier } from "../../../roles/plan/scram";
import type { AdministratorInputs } from "./provider-administrator";

type Given = Omit<AdministratorInputs, "closed" | "user" | "verifier">;

/**
 * The administrator of a database on RDS, and the database itself: the same as CloudNativePG makes on Kubernetes, a login
 * that owns the database and may make roles, and no more. The server's master is used for that alone; its password is
 * read from Secrets Manager when it is needed, and is in no input of this.
 *
 * Made again, it sets right what it finds, so a server that was restored from a snapshot gets this stack's password. It
 * is no more than a step: deleting it does nothing, since it goes with the server. Of the run it needs
 * `secretsmanager:GetSecretValue` on the secret, and `kms:Decrypt` on the secret's key.
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
    // A verifier, so that neither the server's log nor a trace of the connection sees a password.
    verifier: password.apply((plain) => passwordVerifier(user, plain)),
  };
  return new DynamicResource("aws:Administrator", name, inputs, opts);
}
