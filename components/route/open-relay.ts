import * as pulumi from "@pulumi/pulumi";
import type { LoopbackPort } from "./loopback-port";
import { Relay } from "./relay";
import type { Target } from "./plan/targets";

export type { DatabaseTarget, Gateway, PodsTarget, RdsTarget, ServerTarget } from "./plan/targets";

export interface RelayOptions {
  /** Where clients find the database. */
  readonly listen: LoopbackPort;
  /** An output where the server's address is not known before it exists; clients wait for it. */
  readonly target: Target | pulumi.Output<Target>;
  /** What the server is called until then. @default - its address */
  readonly name?: string;
}

/** Where the database is to be found while the program runs, without TLS. */
export interface OpenRelay {
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
}

/**
 * Has a loopback port lead to the primary of a database on Kubernetes or on RDS, for as long as the program runs. Behind it TLS is verified against the cluster's own authority, or Amazon's; in front of it are plain bytes, which
 * never leave the machine.
 *
 * Nothing is dialled before a client connects, so a preview needs no cluster. `pulumi destroy` does not run the program
 * and needs no relay: what is inside a database is `deletedWith` its server. `pulumi refresh` and `up --refresh` do look
 * inside, and therefore need `--run-program` (or `PULUMI_RUN_PROGRAM=true`).
 *
 * Whoever runs the program needs, in the namespace, get on secrets, and for the port-forward list on pods and both get
 * and create on pods/portforward.
 */
export function openRelay({ listen, target, name }: RelayOptions): OpenRelay {
  const known = pulumi.Output.isInstance(target) ? whenKnown(target) : target;
  new Relay(listen, known, name === undefined ? {} : { name });
  return { host: pulumi.output("127.0.0.1"), port: pulumi.output(listen.port) };
}

/** Never resolved in a preview of a server that is to be made: nobody connects to it there. */
function whenKnown<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply((value) => {
      resolve(value);
    });
  });
}
