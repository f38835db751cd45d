import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { labels } from "../labels";
import { cpuQuantity, memoryQuantity } from "../plan/quantity";
import { POD_ALLOWANCES } from "../platform/quota";
import { RESTRICTED_CONTAINER, RESTRICTED_POD } from "../pod-security";
import {
  type CaSource,
  caVolume,
  environmentVariables,
  readOnlyMount,
  secretVolume,
} from "../pod-volumes";
import { LOST_NODE_TOLERATIONS } from "../pool/pool-pod";
import {
  EXPORTER_PATHS,
  hostVariable,
  SERVER_LABEL,
  SQL_EXPORTER_PORT,
} from "./plan/exporter-config";

/** Inputs of an exporter's pod. */
interface ExporterPodPlan {
  /** Name of the exporter, and of its service account. */
  readonly name: string;
  readonly image: string;
  /** Addresses of the servers, in the order of the configuration. */
  readonly hosts: readonly pulumi.Input<string>[];
  /** Secret with the configuration. */
  readonly secret: pulumi.Input<string>;
  /** ConfigMap with the collectors. */
  readonly configMap: string;
  readonly authority: CaSource;
}

/** Pod of the exporter of the servers on RDS. It holds the monitoring login, and listens for Prometheus only. */
export function exporterPod(plan: ExporterPodPlan): types.input.core.v1.PodTemplateSpec {
  const { name, secret, configMap, authority } = plan;
  const { configFile, authorityFile } = EXPORTER_PATHS;
  return {
    metadata: { labels: labels("exporter", name) },
    spec: {
      ...RESTRICTED_POD,
      serviceAccountName: name,
      tolerations: LOST_NODE_TOLERATIONS,
      containers: [container(plan)],
      volumes: [
        secretVolume("config", secret, configFile),
        { name: "queries", configMap: { name: configMap, defaultMode: 0o444 } },
        caVolume("authority", authority, authorityFile),
      ],
    },
  };
}

function container({ image, hosts }: ExporterPodPlan): types.input.core.v1.Container {
  const { cpu } = POD_ALLOWANCES.exporter;
  const memory = memoryQuantity(POD_ALLOWANCES.exporter.memory);
  return {
    ...RESTRICTED_CONTAINER,
    name: "sql-exporter",
    image,
    args: [
      `-config.file=${EXPORTER_PATHS.config}/${EXPORTER_PATHS.configFile}`,
      `-config.target-label=${SERVER_LABEL}`,
      `-web.listen-address=:${SQL_EXPORTER_PORT}`,
      "-log.level=warn",
    ],
    env: environmentVariables(
      Object.fromEntries(hosts.map((host, position) => [hostVariable(position), host])),
    ),
    ports: [{ name: "metrics", containerPort: SQL_EXPORTER_PORT, protocol: "TCP" }],
    resources: {
      requests: { cpu: cpuQuantity(cpu), memory, "ephemeral-storage": "16Mi" },
      limits: { cpu: "500m", memory, "ephemeral-storage": "64Mi" },
    },
    readinessProbe: {
      tcpSocket: { port: SQL_EXPORTER_PORT },
      periodSeconds: 10,
      failureThreshold: 3,
    },
    // Answers without a query: a server that is down is no reason to restart the exporter.
    livenessProbe: {
      httpGet: { path: "/healthz", port: SQL_EXPORTER_PORT },
      periodSeconds: 30,
      timeoutSeconds: 5,
      failureThreshold: 3,
    },
    volumeMounts: [
      readOnlyMount("config", EXPORTER_PATHS.config),
      readOnlyMount("queries", EXPORTER_PATHS.queries),
      readOnlyMount("authority", EXPORTER_PATHS.authority),
    ],
  };
}
