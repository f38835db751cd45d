import { z } from "zod";
import { archiveName } from "../../components/homes/kubernetes/plan/cluster-names";
import type { ServerOutput } from "../../components/outputs/outputs";
import { ClusterApi } from "../../components/route/cluster-api";
import type { DatabaseTarget } from "../../components/route/plan/targets";
import type { DatabaseName } from "../../components/roles/plan/role-plan";
import type { RecoveryPoints } from "./recovery-points";

const STATUS = z.object({
  status: z
    .object({
      serverRecoveryWindow: z
        .record(
          z.string(),
          z.object({
            firstRecoverabilityPoint: z.coerce.date().optional(),
            lastSuccessfulBackupTime: z.coerce.date().optional(),
          }),
        )
        .optional(),
    })
    .optional(),
});

/**
 * What can be restored from a cluster's archive, as the Barman plugin reports it in the ObjectStore.
 * @param archived time of the newest archived WAL, if the server answers
 */
export async function clusterPoints(
  { database }: Pick<ServerOutput, "database">,
  { namespace, context, cluster }: DatabaseTarget,
  archived: Date | undefined,
): Promise<RecoveryPoints> {
  const api = await ClusterApi.load(context);
  const store = archiveName(database as DatabaseName);
  const { status } = STATUS.parse(await api.objectStore(namespace, store));
  const window = status?.serverRecoveryWindow?.[cluster];
  const newest = archived ?? window?.lastSuccessfulBackupTime;
  return {
    ...(window?.firstRecoverabilityPoint ? { oldest: window.firstRecoverabilityPoint } : {}),
    ...(newest ? { newest } : {}),
    open: archived === undefined,
    gaps: [],
    source: `the archive ${store} of cluster ${cluster}`,
  };
}
