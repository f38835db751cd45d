import type * as pulumi from "@pulumi/pulumi";
import type { DatabaseServer } from "../homes/database-server";
import type { ConnectionInput } from "./provider-connection";

export interface Login {
  readonly user: string;
  /** Secret. */
  readonly password: pulumi.Output<string>;
}

type ConnectionArgs = { readonly [K in keyof ConnectionInput]: pulumi.Input<ConnectionInput[K]> };

/** Connection inputs of the dynamic providers, as the admin or as a login. */
export function connectionInputs(
  { admin, database }: DatabaseServer,
  login?: Login,
): ConnectionArgs {
  return {
    host: admin.host,
    port: admin.port,
    database,
    user: login?.user ?? admin.user,
    password: login?.password ?? admin.password,
    sslMode: admin.sslMode,
    ...(admin.serverIdentity === undefined ? {} : { server: admin.serverIdentity }),
  };
}
