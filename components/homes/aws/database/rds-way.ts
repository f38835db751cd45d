import type * as pulumi from "@pulumi/pulumi";
import { rdsRegions } from "./plan/rds-regions";
import { type OpenRelay, type RdsTarget, openRelay } from "../../../route/open-relay";
import type { Endpoints, MakeGateway } from "../../open-home";
import type { LoopbackPort } from "../../../route/loopback-port";
import type { RdsRoute } from "../../../route/plan/targets";
import type { AwsSettings, RdsSpec } from "../plan/rds-stack";

export interface RdsWayArgs {
  readonly aws: AwsSettings;
  readonly database: RdsSpec;
  /** Where the program reaches the server. */
  readonly listen: LoopbackPort;
  /** Makes the gateway that route `port-forward` goes through. @default - none: the route is direct, or a tunnel */
  readonly makeGateway: MakeGateway | undefined;
}

/** The administrator's way to a server on RDS: the loopback address that everything in this process connects to. */
interface RdsWay extends OpenRelay {
  /** The same way for commands that come later; known when the server is. */
  readonly relay: pulumi.Output<RdsTarget>;
  /** What has to be there before anybody connects. */
  readonly ready: readonly pulumi.Resource[];
}

/**
 * Opens the way for as long as the program runs: a loopback port (`aws.localPort`), behind which TLS is verified against
 * the authorities of Amazon RDS. It leads there directly, through `sark.tunnel`, or by a port-forward through pods of the
 * stack's cluster that hand the connection on. Nothing is dialled before a client connects.
 */
export function openRdsWay(
  name: string,
  { aws, database: { tunnel }, listen, makeGateway }: RdsWayArgs,
  endpoints: Endpoints,
  opts: pulumi.ComponentResourceOptions,
): RdsWay {
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
