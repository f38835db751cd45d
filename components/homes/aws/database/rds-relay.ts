import type * as pulumi from "@pulumi/pulumi";
import { rdsRegions } from "./plan/rds-regions";
import { type OpenRelay, type RdsTarget, openRelay } from "../../../route/open-relay";
import type { ServerAddresses, MakeGateway } from "../../open-home";
import type { LoopbackPort } from "../../../route/loopback-port";
import type { RdsRoute } from "../../../route/plan/targets";
import type { AwsSettings, RdsSpec } from "../plan/rds-stack";

export interface RdsRelayArgs {
  readonly aws: AwsSettings;
  readonly database: RdsSpec;
  /** Loopback port of the relay. */
  readonly listen: LoopbackPort;
  /** Creates the gateway for route `port-forward`. @default - none: the route is direct, or a tunnel */
  readonly makeGateway: MakeGateway | undefined;
}

/** An open relay to a server on RDS: the loopback address that all connections of this process use. */
interface RdsRelay extends OpenRelay {
  /** Target of the relay, for later commands; known when the server's address is. */
  readonly relay: pulumi.Output<RdsTarget>;
  /** Resources that must exist before the first connection. */
  readonly ready: readonly pulumi.Resource[];
}

/**
 * Opens a relay to the server while the program runs. It listens on a loopback port (`aws.localPort`) and verifies TLS
 * against the certificate authorities of Amazon RDS. It connects directly, through `sark.tunnel`, or by a port-forward
 * to gateway pods in the stack's cluster. It dials only when a client connects.
 */
export function openRdsRelay(
  name: string,
  { aws, database: { tunnel }, listen, makeGateway }: RdsRelayArgs,
  endpoints: ServerAddresses,
  opts: pulumi.ComponentResourceOptions,
): RdsRelay {
  const gateway = makeGateway?.(`${name}-gateway`, endpoints, opts);
  const direct: RdsRoute = tunnel ? { kind: "tunnel", ...tunnel } : { kind: "direct" };
  const route: RdsRoute = gateway ? { kind: "port-forward", gateway: gateway.target } : direct;
  const relay = endpoints.server.apply((server): RdsTarget => ({
    route,
    server,
    port: aws.port,
    authority: { rds: rdsRegions(aws) },
  }));
  const open = openRelay({ listen, target: relay, name: "the server of sark on RDS" });
  return { ...open, relay, ready: gateway ? [gateway] : [] };
}
