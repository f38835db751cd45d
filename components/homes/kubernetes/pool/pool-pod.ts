import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { POOL_NAME } from "../plan/cluster-names";
import { cpuQuantity, memoryQuantity } from "../plan/quantity";
import type { PoolEntryPlan } from "../../../pool/plan/pool-plan";
import type { Pool } from "../plan/cluster-stack";
import { type Authority, GROUP_READS, authorityFile, readOnly, secretVolume } from "../pod-volumes";
import { labels, selector } from "../labels";
import { RESTRICTED_CONTAINER, RESTRICTED_POD, USER } from "../pod-security";
import { CERTIFICATE_SECRET } from "./pool-certificates";
import { EXPORTER_ARGUMENTS } from "./pool-files";
import { EXPORTER_PORT, POOL_PATHS, POOL_PORT, bundleOf } from "./pool-paths";
import { EXPORTER_SHARE, drainTime, poolShare } from "./pool-sizing";

type PodTemplate = types.input.core.v1.PodTemplateSpec;
type Container = types.input.core.v1.Container;
type Volume = types.input.core.v1.Volume;
type PodSpec = types.input.core.v1.PodSpec;

/** What a pod of the pool is made from. */
export interface PoolPodPlan {
  readonly settings: Pool;
  readonly entries: readonly PoolEntryPlan[];
  readonly images: { readonly pool: string; readonly exporter: string };
  /** The file name under which each is mounted, without its ending, and where it lies. */
  readonly authorities: Readonly<Record<string, Authority>>;
  readonly configMap: pulumi.Input<string>;
  readonly secret: pulumi.Input<string>;
}

const PROCESS = "pgbouncer";
const EXPORTER = "exporter";

/** Seconds between two looks at the certificates; the kubelet itself takes a minute or so to bring them. */
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
      terminationGracePeriodSeconds: drainTime(plan.entries).grace,
      ...SPREAD,
      tolerations: LOST_NODE,
      containers: [poolContainer(plan), exporterContainer(plan)],
      volumes: volumes(plan),
    },
  };
}

/** One node never has two: a rollout stops an instance before it starts another, so each finds a node. */
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
      // The pods of a rollout are spread among themselves, wherever their predecessors are.
      matchLabelKeys: ["pod-template-hash"],
      maxSkew: 1,
      topologyKey: "topology.kubernetes.io/zone",
      // A pool in one zone is better than half a pool.
      whenUnsatisfiable: "ScheduleAnyway",
    },
  ],
} satisfies Partial<PodSpec>;

/**
 * By itself Kubernetes waits 5 minutes before it replaces a pod on a node that does not answer, in case it comes back. An
 * instance has nothing to come back for, and may be the only one.
 */
const LOST_NODE = ["not-ready", "unreachable"].map((condition) => ({
  key: `node.kubernetes.io/${condition}`,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds: 30,
}));

/** The image needs a POSIX shell, `pgbouncer` and PostgreSQL's `pg_isready` on its PATH. */
function poolContainer({ images, settings, entries }: PoolPodPlan): Container {
  const share = poolShare(settings.maxClientConnections, entries);
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
      bundleOf(POOL_PATHS),
    ],
    ports: [{ name: PROCESS, containerPort: POOL_PORT, protocol: "TCP" }],
    resources: {
      // One thread cannot use more than one processor. The logs, which the kubelet bounds to 50 MiB, are counted too.
      requests: { cpu: cpuQuantity(share.cpu), memory, "ephemeral-storage": "64Mi" },
      limits: { cpu: "1", memory, "ephemeral-storage": "256Mi" },
    },
    startupProbe: { tcpSocket: { port: POOL_PORT }, periodSeconds: 1, failureThreshold: 60 },
    // Whether it takes clients, and nothing of the databases: while one fails over, the other is still served.
    readinessProbe: {
      tcpSocket: { port: POOL_PORT },
      periodSeconds: 5,
      timeoutSeconds: 2,
      failureThreshold: 2,
    },
    // Whether it still answers: the console's socket stays open to the end, when no client gets in any more.
    livenessProbe: {
      exec: { command: isAlive(run) },
      periodSeconds: 30,
      timeoutSeconds: 10,
      failureThreshold: 3,
    },
    lifecycle: { preStop: { sleep: { seconds: drainTime(entries).notice } } },
    volumeMounts: [
      readOnly("config", config),
      readOnly("logins", POOL_PATHS.logins),
      readOnly("certificate", certificate),
      readOnly("authorities", authorities),
      { name: "run", mountPath: run },
    ],
  };
}

/** Asks the console as the user that its own processes may be, without a password; 5 seconds at most. */
function isAlive(socket: string): string[] {
  const server = ["-h", socket, "-p", String(POOL_PORT), "-U", "pgbouncer", "-d", "pgbouncer"];
  return ["pg_isready", "-q", "-t", "5", ...server];
}

/**
 * The exporter may read statistics, by a login of its own, and nothing else. Its user is not PgBouncer's: that one would
 * be let into the console as its administrator, without a password.
 */
function exporterContainer({ images }: PoolPodPlan): Container {
  const folder = "/etc/exporter";
  const memory = memoryQuantity(EXPORTER_SHARE.memory);
  return {
    ...RESTRICTED_CONTAINER,
    name: EXPORTER,
    image: images.exporter,
    args: [`@${folder}/${EXPORTER_ARGUMENTS}`],
    ports: [{ name: "metrics", containerPort: EXPORTER_PORT, protocol: "TCP" }],
    resources: {
      requests: { cpu: cpuQuantity(EXPORTER_SHARE.cpu), memory, "ephemeral-storage": "16Mi" },
      limits: { cpu: "200m", memory, "ephemeral-storage": "128Mi" },
    },
    readinessProbe: { tcpSocket: { port: EXPORTER_PORT }, periodSeconds: 10, failureThreshold: 3 },
    // Its front page: a scrape asks PgBouncer, whose trouble is not the exporter's.
    livenessProbe: {
      httpGet: { path: "/", port: EXPORTER_PORT },
      periodSeconds: 30,
      timeoutSeconds: 5,
      failureThreshold: 3,
    },
    securityContext: { ...RESTRICTED_CONTAINER.securityContext, runAsUser: USER + 1 },
    volumeMounts: [
      readOnly(EXPORTER, folder),
      // Enough to connect to the socket in it.
      readOnly("run", POOL_PATHS.run),
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
      // The secrets hold the authorities' keys as well: only the certificates are brought in.
      name: "authorities",
      projected: {
        defaultMode: GROUP_READS,
        sources: Object.entries(authorities).map(([name, authority]) =>
          authorityFile(authority, `${name}.crt`),
        ),
      },
    },
    { name: "run", emptyDir: { medium: "Memory", sizeLimit: "2Mi" } },
  ];
}
