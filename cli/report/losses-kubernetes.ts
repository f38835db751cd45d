import { z } from "zod";
import type { ServerOutput } from "../../components/outputs/outputs";
import { ApiError } from "../../components/route/api-error";
import { ClusterApi } from "../../components/route/cluster-api";
import { type DatabaseTarget, isRds } from "../../components/route/plan/targets";
import { shortened } from "../../components/text/printable";
import type { PlannedResource } from "../../engine/engine";
import { leftBehind } from "./left-behind";
import { CLUSTER } from "../../components/homes/kubernetes/plan/cluster-effects";

const SCHEDULED_BACKUP = "kubernetes:postgresql.cnpg.io/v1:ScheduledBackup";

/** The inputs of a cluster with an archive, and of a ScheduledBackup, that are read here. */
const ARCHIVED = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({ plugins: z.array(z.unknown()) }),
});
const SCHEDULE = z.object({
  // Not of volume snapshots, which go with the volumes' storage.
  spec: z.object({
    method: z.literal("plugin").optional(),
    cluster: z.object({ name: z.string() }),
  }),
});

/** The operator's label on objects that belong to a cluster. */
const CLUSTER_LABEL = "cnpg.io/cluster";

/**
 * Lists what else is deleted with the stack's namespace, one line each. Asks the Kubernetes API, since the namespace
 * may hold objects that the state does not have, such as the cluster from before a recovery.
 */
export async function namespaceLosses(
  servers: readonly ServerOutput[],
): Promise<readonly string[]> {
  const used = servers.flatMap(({ retained, relay }): DatabaseTarget[] =>
    retained !== true && relay && !isRds(relay) ? [relay] : [],
  );
  // A stack has one namespace.
  const [first] = used;
  if (first === undefined) return [];
  try {
    return await contents(
      first,
      used.map(({ cluster }) => cluster),
    );
  } catch (cause) {
    const why = shortened(cause instanceof Error ? cause.message : String(cause), 300);
    return [`everything else in namespace ${first.namespace}, which cannot be listed: ${why}`];
  }
}

/** @param used clusters whose databases are listed elsewhere */
async function contents(
  { namespace, context }: DatabaseTarget,
  used: readonly string[],
): Promise<readonly string[]> {
  const api = await ClusterApi.load(context);
  const clusters = await noneIfAbsent(api.operatorObjects(namespace, "clusters"));
  const backups = await noneIfAbsent(api.operatorObjects(namespace, "backups"));
  const claims = await noneIfAbsent(api.volumeClaims(namespace));

  const unused = clusters
    .map(({ metadata }) => metadata.name)
    .filter((each) => !used.includes(each));
  const volumes = claims.map(({ metadata, spec, status }) => ({
    owner: metadata?.labels?.[CLUSTER_LABEL],
    text: `${metadata?.name ?? ""} (${(status?.capacity ?? spec?.resources?.requests)?.["storage"] ?? "no size"})`,
  }));
  const owners = [...new Set(volumes.map(({ owner }) => owner))];
  return [
    ...unused.map((each) => `the cluster ${each} with its data, which the stack no longer uses`),
    ...owners.map((owner) => {
      const texts = volumes.filter((volume) => volume.owner === owner).map(({ text }) => text);
      const whose = owner === undefined ? "without a cluster" : `of cluster ${owner}`;
      return `the volumes ${whose}: ${texts.join(", ")}`;
    }),
    ...(backups.length > 0
      ? [`${backups.length} Backup records; the backups themselves stay in the bucket`]
      : []),
  ].map((line) => `${shortened(line, 1000)} (namespace ${namespace})`);
}

/** An empty list if the kind or the namespace does not exist. */
async function noneIfAbsent<T>(listed: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await listed;
  } catch (error) {
    if (error instanceof ApiError && error.kind === "absent") return [];
    throw error;
  }
}

/**
 * Retained clusters that have an archive, but no ScheduledBackup, one line each. `up` creates the ScheduledBackup last,
 * when the cluster is healthy.
 */
export function clustersWithoutBaseBackups(
  resources: readonly PlannedResource[],
): readonly string[] {
  const left = leftBehind(resources);
  const retained = <T>(type: string, schema: z.ZodType<T>) =>
    resources
      .filter((resource) => resource.type === type && left.has(resource.urn))
      .flatMap(({ inputs }) => schema.safeParse(inputs).data ?? []);
  const backedUp = retained(SCHEDULED_BACKUP, SCHEDULE).map(({ spec }) => spec.cluster.name);
  return retained(CLUSTER, ARCHIVED)
    .map(({ metadata }) => metadata.name)
    .filter((name) => !backedUp.includes(name))
    .map(
      (name) =>
        `the cluster ${shortened(name)}, without base backups: it has no ScheduledBackup. Before you destroy ` +
        "the stack, complete an `up`, or create a ScheduledBackup by hand",
    );
}
