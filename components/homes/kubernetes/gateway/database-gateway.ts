import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { GATEWAY_NAME } from "../plan/cluster-names";
import { imageOf } from "../plan/images";
import type { Gateway } from "../../../route/open-relay";
import { fixedFiles, scriptText } from "../fixed-files";
import { metadata as metadataOf, selector } from "../labels";
import type { KubernetesPlatform } from "../platform/kubernetes-platform";
import { GATEWAY_CONFIG, GATEWAY_PORTS, gatewayPod } from "./gateway-pod";

export interface DatabaseGatewayArgs {
  readonly platform: KubernetesPlatform;
  /** Address of the primary on RDS; unknown until it exists. */
  readonly server: pulumi.Output<string>;
  /** Address of a replica. @default - nothing leads to one */
  readonly replica?: pulumi.Output<string> | undefined;
}

/**
 * A pod that leads from the Kubernetes API to the servers on RDS, for whoever runs the program outside of their network:
 * the API forwards ports to pods only. It reads nothing and holds no secret, since TLS passes through it; it takes
 * connections on its own loopback address, which only a port-forward reaches. The application does not go through it.
 *
 * One instance, whose loss costs a run of the program, which is run again.
 */
export class DatabaseGateway extends pulumi.ComponentResource {
  /** How a relay finds it. */
  readonly target: Gateway;

  constructor(name: string, args: DatabaseGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:kubernetes:DatabaseGateway", name, {}, opts);
    const { platform, server, replica } = args;
    const { settings, namespace } = platform;
    if (!settings.aws) throw new Error("the stack has no settings for AWS");
    const inside = platform.inside(this);
    const metadata = metadataOf("gateway", namespace, GATEWAY_NAME);

    const account = new kubernetes.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata, automountServiceAccountToken: false },
      inside,
    );
    const configMap = fixedFiles(
      `${name}-config`,
      { part: "gateway", name: GATEWAY_NAME, namespace },
      { [GATEWAY_CONFIG]: scriptText(GATEWAY_CONFIG) },
      inside,
    );
    new kubernetes.apps.v1.Deployment(
      `${name}-deployment`,
      {
        metadata,
        spec: {
          replicas: 1,
          selector: { matchLabels: selector("gateway", GATEWAY_NAME) },
          strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
          revisionHistoryLimit: 1,
          template: gatewayPod({
            image: imageOf(settings, "gateway"),
            configMap,
            port: settings.aws.port,
            server,
            replica,
          }),
        },
      },
      pulumi.mergeOptions(inside, { dependsOn: [account] }),
    );
    this.target = {
      context: settings.kubernetes.context,
      namespace,
      labels: selector("gateway", GATEWAY_NAME),
      port: GATEWAY_PORTS.primary,
      ...(replica ? { replicaPort: GATEWAY_PORTS.replica } : {}),
    };
    this.registerOutputs({});
  }
}
