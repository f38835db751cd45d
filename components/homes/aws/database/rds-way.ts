import * as pulumi from "@pulumi/pulumi";
import { rdsRegions } from "./plan/rds-regions";
import { type Gateway, type OpenRelay, type RdsTarget, openRelay } from "../../../route/open-relay";
import type { LoopbackPort } from "../../../route/loopback-port";
import type { RdsRoute } from "../../../route/plan/targets";
import type { StackSettings } from "../../../settings/settings";

/** Pods of the stack's cluster that hand connections on to RDS, and how a relay finds them. */
type DatabaseGateway = pulumi.Resource & { readonly target: Gateway };

/** Makes the gateway, in whichever home it runs. */
export type MakeGateway = (
  name: string,
  servers: Pick<RdsWayArgs, "server" | "replica">,
  opts: pulumi.ComponentResourceOptions,
) => DatabaseGateway;

export interface RdsWayArgs {
  readonly settings: StackSettings;
  /** Where the program reaches the server. */
  readonly listen: LoopbackPort;
  /** @default - no gateway: route port-forward then needs a tunnel */
  readonly makeGateway: MakeGateway | undefined;
  /** Address of the primary's endpoint; unknown until the server exists. */
  readonly server: pulumi.Output<string>;
  /** The same of a replica that `npm run status` asks. */
  readonly replica?: pulumi.Output<string>;
}

/** The administrator's way to a server on RDS: the loopback address that everything in this process connects to. */
export interface RdsWay extends OpenRelay {
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
  { settings, listen, makeGateway, server, replica }: RdsWayArgs,
  opts: pulumi.ComponentResourceOptions,
): RdsWay {
  const { aws, sark, route } = settings;
  if (!aws) throw new Error("the stack has no settings for AWS");
  const gateway =
    route === "port-forward" && !sark.tunnel
      ? makeGateway?.(`${name}-gateway`, { server, ...(replica ? { replica } : {}) }, opts)
      : undefined;
  const way = routeOf(settings, gateway);
  const relay = server.apply((address): RdsTarget => ({
    route: way,
    server: address,
    port: aws.port,
    authority: { rds: rdsRegions(aws) },
  }));
  const open = openRelay({
    listen,
    target: relay,
    name: "the server of sark on RDS",
  });
  return { ...open, relay, ready: gateway ? [gateway] : [] };
}

function routeOf({ sark }: StackSettings, gateway: DatabaseGateway | undefined): RdsRoute {
  if (sark.tunnel) return { kind: "tunnel", ...sark.tunnel };
  return gateway ? { kind: "port-forward", gateway: gateway.target } : { kind: "direct" };
}
