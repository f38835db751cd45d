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

/** The inputs of a cluster with an archive, and of a ScheduledBackup, as far as they are read here. */
const ARCHIVED = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({ plugins: z.array(z.unknown()) }),
});
const SCHEDULE = z.object({ spec: z.object({ cluster: z.object({ name: z.string() }) }) });

/** Label of the operator on what belongs to a cluster. */
const CLUSTER_LABEL = "cnpg.io/cluster";

/**
 * What else goes when the stack deletes its namespace, a line each. The Kubernetes API is asked, since the namespace also
 * holds what the stack's state no longer knows, such as the cluster from before a recovery.
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

/** @param used clusters whose databases are listed by themselves */
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
      const whose = owner === undefined ? "of no cluster" : `of cluster ${owner}`;
      return `the volumes ${whose}: ${texts.join(", ")}`;
    }),
    ...(backups.length > 0
      ? [`${backups.length} Backup records; the backups themselves stay in the bucket`]
      : []),
  ].map((line) => `${shortened(line, 1000)} (namespace ${namespace})`);
}

/** Nothing is lost of a kind that the cluster does not know, or in a namespace that is gone. */
async function noneIfAbsent<T>(listed: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await listed;
  } catch (error) {
    if (error instanceof ApiError && error.kind === "absent") return [];
    throw error;
  }
}

/**
 * The clusters that stay and have an archive, but no ScheduledBackup, a line each. An `up` makes that last, when the
 * cluster is healthy.
 */
export function withoutBaseBackups(resources: readonly PlannedResource[]): readonly string[] {
  const left = leftBehind(resources);
  const staying = <T>(type: string, schema: z.ZodType<T>) =>
    resources
      .filter((resource) => resource.type === type && left.has(resource.urn))
      .flatMap(({ inputs }) => schema.safeParse(inputs).data ?? []);
  const backedUp = staying(SCHEDULED_BACKUP, SCHEDULE).map(({ spec }) => spec.cluster.name);
  return staying(CLUSTER, ARCHIVED)
    .map(({ metadata }) => metadata.name)
    .filter((name) => !backedUp.includes(name))
    .map(
      (name) =>
        `the cluster ${shortened(name)}, without base backups: no ScheduledBackup stays with it. Before you destroy ` +
        "the stack, run `up` until it is complete, or make a ScheduledBackup by hand",
    );
}
