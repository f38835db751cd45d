import * as pulumi from "@pulumi/pulumi";
import type { Login } from "../../../connections/database-connection";
import { DynamicResource } from "../../../resources/dynamic-resource";
import type { MajorVersion } from "../../../parameters/parameters";
import type { DatabaseName } from "../../../roles/plan/role-plan";
import { UNUSED_DATABASES } from "../../../roles/plan/public-rights-plan";
import { passwordVerifier } from "../../../roles/plan/scram";
import type { RdsWay } from "./rds-way";

export interface AdministratorArgs {
  readonly way: RdsWay;
  /** Address of the primary's endpoint: what was made in one server is made in the next as well. */
  readonly server: pulumi.Input<string>;
  /** Name of that server. */
  readonly identifier: string;
  /** Name of the primary of its generation: another one where a replica was promoted, from which there is no way back. */
  readonly primary: string;
  /** Number of that generation, from 1; it never goes back. */
  readonly generation: number;
  /** Region of the secret. */
  readonly region: string;
  /** ARN of the secret with the master's login. */
  readonly masterSecret: pulumi.Input<string>;
  readonly database: DatabaseName;
  readonly majorVersion: MajorVersion;
  readonly login: Login;
}

/**
 * The administrator of a database on RDS, and the database itself: the same as CloudNativePG makes on Kubernetes, a login
 * that owns the database and may make roles, and no more. The server's master is used for that alone; its password is
 * read from Secrets Manager when it is needed, and is in no input of this.
 *
 * Made again, it sets right what it finds, so a server that was restored from a snapshot gets this stack's password. It
 * is no more than a step: deleting it does nothing, since it goes with the server. Of the run it needs
 * `secretsmanager:GetSecretValue` on the secret, and `kms:Decrypt` on the secret's key.
 */
export class Administrator extends DynamicResource {
  constructor(name: string, args: AdministratorArgs, opts: pulumi.CustomResourceOptions) {
    const { way, login, ...what } = args;
    super(
      "aws:Administrator",
      name,
      {
        host: way.host,
        port: way.port,
        ...what,
        closed: [...UNUSED_DATABASES],
        user: login.user,
        // A verifier, so that neither the server's log nor a trace of the connection sees a password.
        verifier: login.password.apply((plain) => passwordVerifier(login.user, plain)),
      },
      pulumi.mergeOptions(opts, { dependsOn: [...way.ready] }),
    );
  }
}
