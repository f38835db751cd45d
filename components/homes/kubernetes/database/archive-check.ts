import * as pulumi from "@pulumi/pulumi";
import { AwsClient } from "aws4fetch";
import { clusterNames } from "../plan/cluster-names";
import type { Problem } from "../../../text/problem";
import { settingKey } from "../../../settings/plan/setting-key";
import { ApiError } from "../../../route/api-error";
import { ClusterApi } from "../../../route/cluster-api";
import type { Bucket, ClusterStack, KubernetesSettings } from "../plan/cluster-stack";
import type { ArchiveKeys } from "./cluster-backups";

/** Timeout of a storage request, in milliseconds. */
const TIMEOUT = 5_000;

type Keys = pulumi.Unwrap<ArchiveKeys>;

/**
 * Finds clusters to be created whose folder in the bucket already holds an archive. They would never become healthy: a
 * new cluster archives into an empty folder only. An existing cluster owns its folder, and a recovery reads another
 * folder.
 *
 * It runs only if the program has the storage keys and reaches both the storage and the Kubernetes API. Otherwise the
 * wait for the cluster detects it.
 */
export async function archiveProblems(
  { platform, clusters, backups: { bucket } }: ClusterStack,
  given: ArchiveKeys | undefined,
): Promise<readonly Problem[]> {
  if (!bucket || !given) return [];
  const keys = await new Promise<Keys>((resolve) => {
    pulumi.output(given).apply(resolve);
  });
  const found = await Promise.all(
    clusters.map(async (own) => {
      const { cluster } = clusterNames(own);
      if (!(await isAbsent(platform, cluster))) return [];
      const segment = await archivedSegment(bucket, cluster, keys).catch(() => undefined);
      return segment === undefined ? [] : [occupiedFolder(bucket.path, cluster, segment)];
    }),
  );
  return found.flat();
}

function occupiedFolder(path: string, cluster: string, segment: string): Problem {
  const folder = `${path.replace(/\/$/, "")}/${cluster}`;
  return {
    key: settingKey(["backups", "bucket", "path"]),
    value: path,
    allowed: `a bucket or folder without an archive in ${cluster}/`,
    why:
      `${folder} holds the archive of another cluster (${segment}), and a new cluster archives into an empty folder ` +
      "only; name another folder, recover from the archive, or delete it if nobody needs it",
  };
}

/** Whether the cluster certainly does not exist. */
async function isAbsent(
  { context, namespace }: KubernetesSettings,
  cluster: string,
): Promise<boolean> {
  try {
    await (await ClusterApi.load(context)).cluster(namespace, cluster);
    return false;
  } catch (error) {
    return error instanceof ApiError && error.kind === "absent";
  }
}

/**
 * First WAL segment in a cluster's folder, where barman-cloud stores them.
 * @throws Error if the storage request fails
 */
async function archivedSegment(
  { path, region, endpoint }: Bucket,
  cluster: string,
  keys: Keys,
): Promise<string | undefined> {
  const [, bucket = "", folder = ""] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(path) ?? [];
  const url = new URL(endpoint ?? `https://s3.${region}.amazonaws.com`);
  url.pathname = `${url.pathname.replace(/\/$/, "")}/${bucket}`;
  const prefix = `${folder === "" ? "" : `${folder}/`}${cluster}/wals/`;
  url.search = new URLSearchParams({ "list-type": "2", "max-keys": "1", prefix }).toString();
  const client = new AwsClient({ ...keys, region, service: "s3", retries: 0 });
  const answer = await client.fetch(url.href, { signal: AbortSignal.timeout(TIMEOUT) });
  if (!answer.ok) throw new Error(`the storage answered ${answer.status}`);
  return /<Key>([^<]+)<\/Key>/.exec(await answer.text())?.[1];
}
