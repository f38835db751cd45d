import * as pulumi from "@pulumi/pulumi";
import { AwsClient } from "aws4fetch";
import { clusterNames } from "../plan/cluster-names";
import type { Problem } from "../../../text/problem";
import { settingKey } from "../../../settings/plan/setting-key";
import { ApiError } from "../../../route/api-error";
import { ClusterApi } from "../../../route/cluster-api";
import type { Bucket, ClusterStack, Platform } from "../plan/cluster-stack";
import type { ArchiveKeys } from "./cluster-backups";

/** Milliseconds for the storage to answer. */
const PATIENCE = 5_000;

type Keys = pulumi.Unwrap<ArchiveKeys>;

/**
 * Clusters that are to be made, and whose folder in the bucket holds an archive: each would never become healthy, since
 * a new cluster archives into an empty folder only. A cluster that exists owns what is in its folder, and the folder
 * that a recovery reads is another one.
 *
 * Only where the program has the keys of the storage, and reaches both it and the Kubernetes API; elsewhere the wait for
 * the cluster finds it out.
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
      return segment === undefined ? [] : [occupied(bucket.path, cluster, segment)];
    }),
  );
  return found.flat();
}

function occupied(path: string, cluster: string, segment: string): Problem {
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

/** Whether there is no such cluster for sure. */
async function isAbsent({ context, namespace }: Platform, cluster: string): Promise<boolean> {
  try {
    await (await ClusterApi.load(context)).cluster(namespace, cluster);
    return false;
  } catch (error) {
    return error instanceof ApiError && error.kind === "absent";
  }
}

/**
 * The first segment of the write-ahead log in a cluster's folder, where barman-cloud keeps them.
 * @throws Error when the storage does not tell
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
  const answer = await client.fetch(url.href, { signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok) throw new Error(`the storage answered ${answer.status}`);
  return /<Key>([^<]+)<\/Key>/.exec(await answer.text())?.[1];
}
