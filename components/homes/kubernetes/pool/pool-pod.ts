import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { POOL_NAME } from "../plan/cluster-names";
import { cpuQuantity, memoryQuantity } from "../plan/quantity";
import type { PoolEntryPlan } from "../../../pool/plan/pool-plan";
import type { Pool } from "../plan/cluster-stack";
import {
  type CaSource,
  GROUP_READ_MODE,
  caFile,
  readOnlyMount,
  secretVolume,
} from "../pod-volumes";
import { labels, selector } from "../labels";
import { RESTRICTED_CONTAINER, RESTRICTED_POD, CONTAINER_USER } from "../pod-security";
import { CERTIFICATE_SECRET } from "./pool-certificates";
import { EXPORTER_ARGUMENTS } from "./pool-files";
import { EXPORTER_PORT, POOL_PATHS, POOL_PORT, caBundlePath } from "./pool-paths";
import { EXPORTER_RESOURCES, shutdownTimes, poolResources } from "./pool-sizing";

type PodTemplate = types.input.core.v1.PodTemplateSpec;
type Container = types.input.core.v1.Container;
type Volume = types.input.core.v1.Volume;
type PodSpec = types.input.core.v1.PodSpec;

/** Inputs of a PgBouncer pod. */
export interface PoolPodPlan {
  readonly settings: Pool;
  readonly entries: readonly PoolEntryPlan[];
  readonly images: { readonly pool: string; readonly exporter: string };
  /** CA certificates, by file name without extension. */
  readonly authorities: Readonly<Record<string, CaSource>>;
  readonly configMap: pulumi.Input<string>;
  readonly secret: pulumi.Input<string>;
}

const PROCESS = "pgbouncer";
const EXPORTER = "exporter";

/** Seconds between two checks for new certificates; the kubelet takes a minute or so to deliver them. */
const CERTIFICATE_PERIOD = 30;

export function poolPod(plan: PoolPodPlan): PodTemplate {
  return {
    metadata: {
      labels: labels("pgbouncer", POOL_NAME),
      annotations: { "kubectl.kubernetes.io/default-container": PROCESS },
    },
    spec: {
      ...RESTRICTED_POD,
      serviceAccountName: POOL_NAME,
      terminationGracePeriodSeconds: shutdownTimes(plan.entries).grace,
      ...SPREAD,
      tolerations: LOST_NODE_TOLERATIONS,
      containers: [poolContainer(plan), exporterContainer(plan)],
      volumes: volumes(plan),
    },
  };
}

/** At most one instance per node. A rollout stops an instance before it starts another, so each finds a node. */
const SPREAD = {
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        {
          labelSelector: { matchLabels: selector("pgbouncer", POOL_NAME) },
          topologyKey: "kubernetes.io/hostname",
        },
      ],
    },
  },
  topologySpreadConstraints: [
    {
      labelSelector: { matchLabels: selector("pgbouncer", POOL_NAME) },
      // Spreads the new pods of a rollout, wherever their predecessors are.
      matchLabelKeys: ["pod-template-hash"],
      maxSkew: 1,
      topologyKey: "topology.kubernetes.io/zone",
      // Prefers a pool in one zone over half a pool.
      whenUnsatisfiable: "ScheduleAnyway",
    },
  ],
} satisfies Partial<PodSpec>;

/**
 * Replaces a pod on an unresponsive node after 30 s. Kubernetes' default is 5 minutes, in case the node returns; an
 * instance has no state to keep, and may be the only one.
 */
export const LOST_NODE_TOLERATIONS = ["not-ready", "unreachable"].map((condition) => ({
  key: `node.kubernetes.io/${condition}`,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds: 30,
}));

/** The image needs a POSIX shell, `pgbouncer` and PostgreSQL's `pg_isready` on its PATH. */
function poolContainer({ images, settings, entries }: PoolPodPlan): Container {
  const share = poolResources(settings.maxClientConnections, entries);
  const memory = memoryQuantity(share.memory);
  const { config, authorities, certificate, run } = POOL_PATHS;
  return {
    ...RESTRICTED_CONTAINER,
    name: PROCESS,
    image: images.pool,
    command: ["/bin/sh", `${config}/pgbouncer-start.sh`],
    args: [
      `${config}/pgbouncer.ini`,
      String(settings.openFiles),
      String(CERTIFICATE_PERIOD),
      authorities,
      certificate,
      caBundlePath(POOL_PATHS),
    ],
    ports: [{ name: PROCESS, containerPort: POOL_PORT, protocol: "TCP" }],
    resources: {
      // PgBouncer has one thread, so it uses at most one CPU. The logs, which the kubelet limits to 50 MiB, count too.
      requests: { cpu: cpuQuantity(share.cpu), memory, "ephemeral-storage": "64Mi" },
      limits: { cpu: "1", memory, "ephemeral-storage": "256Mi" },
    },
    startupProbe: { tcpSocket: { port: POOL_PORT }, periodSeconds: 1, failureThreshold: 60 },
    // Checks that PgBouncer accepts clients, not the databases: while one fails over, the other is still served.
    readinessProbe: {
      tcpSocket: { port: POOL_PORT },
      periodSeconds: 5,
      timeoutSeconds: 2,
      failureThreshold: 2,
    },
    // Checks that it responds: the console's socket stays open while draining.
    livenessProbe: {
      exec: { command: isAlive(run) },
      periodSeconds: 30,
      timeoutSeconds: 10,
      failureThreshold: 3,
    },
    lifecycle: { preStop: { sleep: { seconds: shutdownTimes(entries).preStop } } },
    volumeMounts: [
      readOnlyMount("config", config),
      readOnlyMount("logins", POOL_PATHS.logins),
      readOnlyMount("certificate", certificate),
      readOnlyMount("authorities", authorities),
      { name: "run", mountPath: run },
    ],
  };
}

/** Command that checks the console, as the user of its own processes, without a password; 5 seconds at most. */
function isAlive(socket: string): string[] {
  const server = ["-h", socket, "-p", String(POOL_PORT), "-U", "pgbouncer", "-d", "pgbouncer"];
  return ["pg_isready", "-q", "-t", "5", ...server];
}

/**
 * Container of the metrics exporter. It has its own login, which may only read statistics. Its user differs from
 * PgBouncer's, who could enter the console as administrator without a password.
 */
function exporterContainer({ images }: PoolPodPlan): Container {
  const folder = "/etc/exporter";
  const memory = memoryQuantity(EXPORTER_RESOURCES.memory);
  return {
    ...RESTRICTED_CONTAINER,
    name: EXPORTER,
    image: images.exporter,
    args: [`@${folder}/${EXPORTER_ARGUMENTS}`],
    ports: [{ name: "metrics", containerPort: EXPORTER_PORT, protocol: "TCP" }],
    resources: {
      requests: { cpu: cpuQuantity(EXPORTER_RESOURCES.cpu), memory, "ephemeral-storage": "16Mi" },
      limits: { cpu: "200m", memory, "ephemeral-storage": "128Mi" },
    },
    readinessProbe: { tcpSocket: { port: EXPORTER_PORT }, periodSeconds: 10, failureThreshold: 3 },
    // Checks its front page: a scrape would depend on PgBouncer.
    livenessProbe: {
      httpGet: { path: "/", port: EXPORTER_PORT },
      periodSeconds: 30,
      timeoutSeconds: 5,
      failureThreshold: 3,
    },
    securityContext: { ...RESTRICTED_CONTAINER.securityContext, runAsUser: CONTAINER_USER + 1 },
    volumeMounts: [
      readOnlyMount(EXPORTER, folder),
      // Read-only is enough to connect to the socket.
      readOnlyMount("run", POOL_PATHS.run),
    ],
  };
}

function volumes({ configMap, secret, authorities }: PoolPodPlan): Volume[] {
  return [
    { name: "config", configMap: { name: configMap, defaultMode: 0o444 } },
    secretVolume("logins", secret, "userlist.txt"),
    secretVolume(EXPORTER, secret, EXPORTER_ARGUMENTS),
    secretVolume("certificate", CERTIFICATE_SECRET, "tls.crt", "tls.key"),
    {
      // Mounts the certificates only; the Secrets also hold the CAs' private keys.
      name: "authorities",
      projected: {
        defaultMode: GROUP_READ_MODE,
        sources: Object.entries(authorities).map(([name, authority]) =>
          caFile(authority, `${name}.crt`),
        ),
      },
    },
    { name: "run", emptyDir: { medium: "Memory", sizeLimit: "2Mi" } },
  ];
}
