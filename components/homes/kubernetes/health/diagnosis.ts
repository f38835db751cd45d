import type { ICluster } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/Cluster";
import type { V1PersistentVolumeClaim } from "@kubernetes/client-node";
import { ApiError } from "../../../route/api-error";
import type { ClusterApi } from "../../../route/cluster-api";
import { compact } from "../../../text/present";
import { eventText, lastEvent } from "./pod-events";
import { archivingError, nameOf } from "./cluster-shortfalls";
import { isNoPooler, isNotReady, podFinding, bySeverity } from "./pod-health";
import { type Finding, type Trouble, matchTrouble } from "./troubles";

/** Phases of CloudNativePG 1.30 (`api/v1/cluster_types.go`) from which it does not recover by itself. */
const STUCK_PHASES: Readonly<Record<string, Trouble>> = {
  "Waiting for user action": "person",
  "Invalid cluster definition": "person",
  "Cluster is unrecoverable and needs manual intervention": "person",
  "Unable to create required cluster objects": "person",
  "Cluster has incomplete or invalid image catalog": "person",
  "Cluster cannot proceed to reconciliation due to an unknown plugin being required": "plugin",
  "Not enough disk space": "disk full",
};

/**
 * The archiving condition often holds only barman-cloud's exit status: 1 when the archive is not empty, 2 when the
 * storage is unreachable, 4 when it refuses access.
 */
const ARCHIVE_TROUBLES: readonly (readonly [RegExp, Trouble])[] = [
  [/expected empty archive|archive check failed|exit status 1$/i, "archive in use"],
  [
    /denied|forbidden|credential|accesskey|signature|nosuchbucket|permission|exit status [34]$/i,
    "archive refused",
  ],
  [/connect|timed? ?out|no such host|exit status 2$/i, "archive unreachable"],
];

const VOLUME_TROUBLES: readonly (readonly [RegExp, Trouble])[] = [
  [/storageclass\S* "\S*" not found|no storage class is set/i, "storage class"],
  [/^/, "volume"],
];

/**
 * Finds why a cluster does not become healthy, from its conditions, pods, volume claims and events. It reports the
 * worst pod; without one, the first unbound claim; otherwise the last event of the cluster or its jobs, such as a quota
 * that blocks pods.
 */
export async function diagnose(
  api: ClusterApi,
  namespace: string,
  cluster: ICluster,
): Promise<readonly Finding[]> {
  return [
    ...clusterFindings(namespace, cluster),
    await objectFinding(api, namespace, nameOf(cluster)),
  ];
}

/** Findings from the cluster's own status, which the list of shortfalls already names. */
function clusterFindings(namespace: string, cluster: ICluster): readonly Finding[] {
  const { phase = "", currentPrimary = "" } = cluster.status ?? {};
  const phaseTrouble = STUCK_PHASES[phase];
  const refusal = archivingError(cluster);
  const log = `logs ${currentPrimary} --container plugin-barman-cloud`;
  return compact<Finding>(
    phaseTrouble && { trouble: phaseTrouble, headline: phase, details: [] },
    refusal !== undefined && {
      trouble: matchTrouble(ARCHIVE_TROUBLES, refusal),
      headline: "archive",
      details: [`Log: kubectl --namespace ${namespace} ${log}`],
    },
  );
}

async function objectFinding(
  api: ClusterApi,
  namespace: string,
  cluster: string,
): Promise<Finding> {
  const selector = `cnpg.io/cluster=${cluster}`;
  const found = await listed(api.pods(namespace, selector));
  const pods = found.items.filter(isNoPooler);
  const [worst] = pods.filter(isNotReady).sort(bySeverity);
  const ofPod = worst && podFinding(worst, namespace);
  // A pod that waits for its volume does not show why the volume is missing.
  if (ofPod?.trouble === undefined) {
    const claims = await listed(api.volumeClaims(namespace, selector));
    found.denied.push(...claims.denied);
    const claim = claims.items.find(({ status }) => status?.phase !== "Bound");
    const ofClaim = claim && (await claimFinding(api, namespace, claim));
    if (ofClaim && (ofPod === undefined || ofClaim.trouble !== undefined)) return ofClaim;
  }
  if (worst && ofPod) {
    const events = await listed(api.events(namespace, "Pod"));
    const last = lastEvent(events.items, (name) => name === nameOf(worst));
    return { ...ofPod, details: [...ofPod.details, ...eventText("Pod", last), ...events.denied] };
  }
  const details = [
    `See kubectl --namespace ${namespace} describe clusters.postgresql.cnpg.io ${cluster}`,
  ];
  const jobs = await listed(api.events(namespace, "Job"));
  // Match the server's number: other clusters and maintenance jobs may share the prefix.
  const ownJob = new RegExp(`^${cluster}-\\d+-[a-z]`);
  const ofJobs = lastEvent(jobs.items, (name) => ownJob.test(name));
  if (pods.length === 0 && ofJobs !== undefined) {
    const state = `Job ${ofJobs.involvedObject.name ?? ""} has no pod`;
    return {
      trouble: ofJobs.reason === "FailedCreate" ? "no pod" : undefined,
      headline: state,
      state,
      details: [...details, ...eventText("Job", ofJobs)],
    };
  }
  const own = await listed(api.events(namespace, "Cluster"));
  const ofCluster = lastEvent(own.items, (name) => name === cluster);
  const denied = [...found.denied, ...own.denied];
  return { headline: "", details: [...details, ...eventText("Cluster", ofCluster), ...denied] };
}

/** Lists objects; on an API error, returns the reason instead. */
async function listed<T>(
  work: Promise<readonly T[]>,
): Promise<{ readonly items: readonly T[]; readonly denied: string[] }> {
  try {
    return { items: await work, denied: [] };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { items: [], denied: [`Further diagnosis failed: ${error.message}`] };
  }
}

async function claimFinding(
  api: ClusterApi,
  namespace: string,
  claim: V1PersistentVolumeClaim,
): Promise<Finding> {
  const kind = "PersistentVolumeClaim";
  const name = nameOf(claim);
  const { items: events, denied } = await listed(api.events(namespace, kind));
  const isOwn = (each: string): boolean => each === name;
  // Between failures the provider also reports attempts.
  const failure = lastEvent(
    events.filter(({ reason = "" }) => /^(ProvisioningFailed|FailedBinding)$/.test(reason)),
    isOwn,
  );
  const state = `Volume claim ${name} is ${claim.status?.phase ?? "new"}`;
  return {
    trouble: failure && matchTrouble(VOLUME_TROUBLES, failure.message ?? ""),
    headline: state,
    state,
    details: [
      `See kubectl --namespace ${namespace} describe pvc ${name}`,
      ...eventText(kind, failure ?? lastEvent(events, isOwn)),
      ...denied,
    ],
  };
}
