import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { GATEWAY_NAME } from "../plan/cluster-names";
import { helperImage } from "../plan/images";
import type { Gateway } from "../../../route/open-relay";
import { immutableConfigMap, readScript } from "../immutable-config-map";
import { labels, metadata as metadataOf, selector } from "../labels";
import type { KubernetesPlatform } from "../platform/kubernetes-platform";
import { RESTRICTED_CONTAINER, RESTRICTED_POD } from "../pod-security";
import { readOnlyMount, environmentVariables } from "../pod-volumes";

/** Ports of `components/homes/kubernetes/scripts/gateway.cfg`. */
export const GATEWAY_PORTS = { primary: 5432, replica: 5433, health: 8404 } as const;

/** ConfigMap key and file name of the configuration. */
const CONFIG = "gateway.cfg";

const FOLDER = "/etc/gateway";

/** Seconds for open connections when the pod stops; HAProxy closes them slightly earlier. */
const GRACE = 30;

export interface DatabaseGatewayArgs {
  readonly platform: KubernetesPlatform;
  /** Image in the settings. @default - a fixed version */
  readonly image: string | undefined;
  /** Port of the servers. */
  readonly port: number;
  /** Address of the primary on RDS; unknown until it exists. */
  readonly server: pulumi.Output<string>;
  /** Address of a replica. @default - no replica port */
  readonly replica?: pulumi.Output<string> | undefined;
}

/**
 * HAProxy pod that forwards from the Kubernetes API to the servers on RDS, for running the program outside of their
 * network: the API forwards ports to pods only. TLS passes through, so it reads nothing and holds no secret. It listens
 * on its own loopback address, which only a port-forward reaches. The application does not use it.
 *
 * It has one instance; losing it fails a run of the program, which can be repeated.
 */
export class DatabaseGateway extends pulumi.ComponentResource {
  /** Target for a relay. */
  readonly target: Gateway;

  constructor(name: string, args: DatabaseGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:kubernetes:DatabaseGateway", name, {}, opts);
    const { platform, image, port, server, replica } = args;
    const { context, namespace } = platform;
    const inside = platform.resourceOptions(this);
    const metadata = metadataOf("gateway", namespace, GATEWAY_NAME);

    const account = new kubernetes.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata, automountServiceAccountToken: false },
      inside,
    );
    const configMap = immutableConfigMap(
      `${name}-config`,
      metadata,
      { [CONFIG]: readScript(CONFIG) },
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
          template: {
            metadata: { labels: labels("gateway", GATEWAY_NAME) },
            spec: {
              ...RESTRICTED_POD,
              serviceAccountName: GATEWAY_NAME,
              terminationGracePeriodSeconds: GRACE,
              containers: [
                haproxy(helperImage("gateway", image), {
                  PRIMARY: pulumi.interpolate`${server}:${port}`,
                  ...(replica ? { REPLICA: pulumi.interpolate`${replica}:${port}` } : {}),
                }),
              ],
              volumes: [{ name: "config", configMap: { name: configMap, defaultMode: 0o444 } }],
            },
          },
        },
      },
      pulumi.mergeOptions(inside, { dependsOn: [account] }),
    );
    this.target = {
      context,
      namespace,
      labels: selector("gateway", GATEWAY_NAME),
      port: GATEWAY_PORTS.primary,
      ...(replica ? { replicaPort: GATEWAY_PORTS.replica } : {}),
    };
    this.registerOutputs({});
  }
}

/** @param image must have `haproxy` 2.4 or newer on its PATH */
function haproxy(
  image: string,
  servers: Readonly<Record<string, pulumi.Input<string>>>,
): kubernetes.types.input.core.v1.Container {
  const tcpProbe = { tcpSocket: { port: GATEWAY_PORTS.health }, timeoutSeconds: 5 };
  return {
    ...RESTRICTED_CONTAINER,
    name: "haproxy",
    image,
    command: ["haproxy"],
    args: ["-db", "-f", `${FOLDER}/${CONFIG}`],
    env: environmentVariables(servers),
    ports: [{ name: "health", containerPort: GATEWAY_PORTS.health, protocol: "TCP" }],
    resources: {
      requests: { cpu: "10m", memory: "64Mi", "ephemeral-storage": "16Mi" },
      limits: { cpu: "500m", memory: "64Mi", "ephemeral-storage": "64Mi" },
    },
    startupProbe: { ...tcpProbe, periodSeconds: 1, failureThreshold: 30 },
    readinessProbe: { ...tcpProbe, periodSeconds: 10, failureThreshold: 2 },
    // Checks HAProxy only, not the database behind it.
    livenessProbe: {
      httpGet: { path: "/healthy", port: GATEWAY_PORTS.health },
      timeoutSeconds: 5,
      periodSeconds: 30,
      failureThreshold: 3,
    },
    volumeMounts: [readOnlyMount("config", FOLDER)],
  };
}
