import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { GATEWAY_NAME } from "../plan/cluster-names";
import { labels } from "../labels";
import { readOnly } from "../pod-volumes";
import { RESTRICTED_CONTAINER, RESTRICTED_POD } from "../pod-security";

type PodTemplate = types.input.core.v1.PodTemplateSpec;
type Container = types.input.core.v1.Container;

/** Ports of `components/homes/kubernetes/scripts/gateway.cfg`. */
export const GATEWAY_PORTS = { primary: 5432, replica: 5433, health: 8404 } as const;

/** Key of the configuration, and its file. */
export const GATEWAY_CONFIG = "gateway.cfg";

const FOLDER = "/etc/gateway";

/** Seconds for who is connected when the pod ends; the configuration ends them a little earlier. */
const GRACE = 30;

/** What a pod of the gateway is made from. */
export interface GatewayPodPlan {
  readonly image: string;
  readonly configMap: string;
  /** Port of the servers. */
  readonly port: number;
  readonly server: pulumi.Input<string>;
  readonly replica?: pulumi.Input<string> | undefined;
}

export function gatewayPod(plan: GatewayPodPlan): PodTemplate {
  return {
    metadata: { labels: labels("gateway", GATEWAY_NAME) },
    spec: {
      ...RESTRICTED_POD,
      serviceAccountName: GATEWAY_NAME,
      terminationGracePeriodSeconds: GRACE,
      containers: [container(plan)],
      volumes: [{ name: "config", configMap: { name: plan.configMap, defaultMode: 0o444 } }],
    },
  };
}

/** The image needs `haproxy` on its PATH, 2.4 or newer. */
function container({ image, port, server, replica }: GatewayPodPlan): Container {
  const at = (address: pulumi.Input<string>) => pulumi.interpolate`${address}:${port}`;
  const listens = { tcpSocket: { port: GATEWAY_PORTS.health }, timeoutSeconds: 5 };
  return {
    ...RESTRICTED_CONTAINER,
    name: "haproxy",
    image,
    command: ["haproxy"],
    args: ["-db", "-f", `${FOLDER}/${GATEWAY_CONFIG}`],
    env: [
      { name: "PRIMARY", value: at(server) },
      ...(replica === undefined ? [] : [{ name: "REPLICA", value: at(replica) }]),
    ],
    ports: [{ name: "health", containerPort: GATEWAY_PORTS.health, protocol: "TCP" }],
    resources: {
      requests: { cpu: "10m", memory: "64Mi", "ephemeral-storage": "16Mi" },
      limits: { cpu: "500m", memory: "64Mi", "ephemeral-storage": "64Mi" },
    },
    startupProbe: { ...listens, periodSeconds: 1, failureThreshold: 30 },
    readinessProbe: { ...listens, periodSeconds: 10, failureThreshold: 2 },
    // Whether it still answers, and nothing of the database, which has trouble of its own.
    livenessProbe: {
      httpGet: { path: "/healthy", port: GATEWAY_PORTS.health },
      timeoutSeconds: 5,
      periodSeconds: 30,
      failureThreshold: 3,
    },
    volumeMounts: [readOnly("config", FOLDER)],
  };
}
