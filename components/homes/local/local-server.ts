import * as pulumi from "@pulumi/pulumi";
import type { AdminConnection } from "../database-server";
import type { ServerPlan } from "../plan/server-plan";
import { randomPassword } from "../../resources/random-password";
import { HOST } from "./processes/ports";

/** Superuser of the servers that the home makes. */
export const ADMIN = "postgres";

export interface LocalServerArgs {
  readonly plan: ServerPlan;
  /** Loopback port. A change restarts the server. */
  readonly port: number;
  /** Whether a deletion is refused. */
  readonly protect: boolean;
}

/** An existing server that the stack does not run. */
export interface ExternalServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly sslMode: "disable" | "verify-full";
  /** Secret. */
  readonly password: pulumi.Output<string>;
}

/** Base of all servers of the local home: plan, address and administrator. */
export abstract class LocalServer extends pulumi.ComponentResource {
  readonly home = "local";
  readonly plan: ServerPlan;
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  readonly admin: AdminConnection;

  /** @param external an existing server. @default - a server that the home makes, on this machine */
  protected constructor(
    type: string,
    name: string,
    {
      plan,
      port,
      external,
    }: Omit<LocalServerArgs, "protect"> & { readonly external?: ExternalServer },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(`sark:local:${type}`, name, {}, opts);
    this.plan = plan;
    this.host = pulumi.output(external?.host ?? HOST);
    this.port = pulumi.output(port);
    this.admin = {
      host: this.host,
      port: this.port,
      user: external?.user ?? ADMIN,
      password: external?.password ?? randomPassword(`${name}-admin-password`, { parent: this }),
      sslMode: external?.sslMode ?? "disable",
      superuser: true,
    };
  }
}
