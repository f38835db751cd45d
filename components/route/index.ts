import * as pulumi from "@pulumi/pulumi";
import type { Target } from "./dialers";
import { Relay } from "./relay";

export type { DatabaseTarget, PodsTarget, Route, Target } from "./dialers";

export interface RelayOptions {
  /** Port on 127.0.0.1 on which clients find the database. */
  readonly listen: number;
  /** Setting that holds the port, as its owner would look for it: `sark-databases:kubernetes.ports.sark`. */
  readonly setting: string;
  readonly target: Target;
}

/** Where the database is to be found while the program runs, without TLS. */
export interface OpenRelay {
  readonly host: pulumi.Output<string>;
  /** Rejected, so that what depends on it fails with the reason, when the port cannot be had in an `up`. */
  readonly port: pulumi.Output<number>;
}

/**
 * Opens a loopback port that leads to the primary of a database on Kubernetes, for as long as the program runs. Behind
 * it TLS is verified against the cluster's own authority; in front of it are plain bytes, which never leave the machine.
 *
 * Nothing is dialled before a client connects, so a preview needs no cluster. `pulumi destroy` does not run the program
 * and needs no relay: what is inside a database is `deletedWith` its server. `pulumi refresh` and `up --refresh` do look
 * inside, and therefore need `--run-program` (or `PULUMI_RUN_PROGRAM=true`).
 *
 * Whoever runs the program needs, in the namespace, get on secrets, and for the port-forward list on pods and both get
 * and create on pods/portforward.
 */
export function openRelay({ listen, setting, target }: RelayOptions): OpenRelay {
  const relay = new Relay(target);
  const port = relay.listen({ port: listen, setting, preview: pulumi.runtime.isDryRun() });
  return { host: pulumi.output("127.0.0.1"), port: pulumi.output(port) };
}
