import * as pulumi from "@pulumi/pulumi";
import type { LoopbackPort } from "./loopback-port";
import { Relay } from "./relay";
import type { Target } from "./plan/targets";

export type { DatabaseTarget, Gateway, PodsTarget, RdsTarget, ServerTarget } from "./plan/targets";

export interface RelayOptions {
  /** Port on which clients connect. */
  readonly listen: LoopbackPort;
  /** An output when the server's address is unknown until it exists; clients wait for it. */
  readonly target: Target | pulumi.Output<Target>;
  /** Name of the server in messages until its address is known. @default - its address */
  readonly name?: string;
}

/** Address of the database while the program runs, without TLS. */
export interface OpenRelay {
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
}

/**
 * Opens a loopback port to the primary of a database on Kubernetes or RDS, while the program runs. Behind it, TLS is
 * verified against the cluster's CA or Amazon's; in front of it is plain text that never leaves the machine.
 *
 * It connects only when a client does, so a preview needs no cluster. `pulumi destroy` does not run the program and
 * needs no relay: resources inside a database are `deletedWith` their server. `pulumi refresh` and `up --refresh` read
 * inside the database, so they need `--run-program` (or `PULUMI_RUN_PROGRAM=true`).
 *
 * Required permissions in the namespace: get on secrets; for the port-forward also list on pods, and get and create on
 * pods/portforward.
 */
export function openRelay({ listen, target, name }: RelayOptions): OpenRelay {
  const known = pulumi.Output.isInstance(target) ? whenKnown(target) : target;
  new Relay(listen, known, name === undefined ? {} : { name });
  return { host: pulumi.output("127.0.0.1"), port: pulumi.output(listen.port) };
}

/** Never resolves in a preview of a new server; no client connects there. */
function whenKnown<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply((value) => {
      resolve(value);
    });
  });
}
