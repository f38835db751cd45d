import { clusterName } from "../../components/homes/kubernetes/plan/cluster-names";
import type { ServerOutput, StackOutputs } from "../../components/outputs/outputs";
import { isRds } from "../../components/route/plan/targets";
import type { DatabaseName } from "../../components/roles/plan/role-plan";
import { type StackRef, UserError } from "../../engine/engine";
import { npmCommand } from "../../engine/read-outputs";
import type { RestoreHome } from "./restore";
import type { DrillPlace } from "./restore-drill";
import { onServer } from "./stack-session";

/**
 * How the home of a server restores.
 * @param up carries out the settings, on this machine
 */
export async function restoreHome(
  server: ServerOutput,
  outputs: StackOutputs,
  up: () => Promise<number>,
): Promise<RestoreHome> {
  const { relay, backups } = server;
  const database = server.database as DatabaseName;
  if (!backups) throw new UserError(`${database} has no backups, so nothing can be restored.`);
  if (relay === undefined) return localHome(server, outputs, up);
  return isRds(relay)
    ? {
        points: async () => (await import("./rds-points.js")).rdsPoints(relay.server),
        nameOf: (generation) => `generation ${generation} on RDS`,
        steps: (ref) => [
          ...remoteSteps(ref),
          "docs/aws.md#restore-to-a-point-in-time has the details.",
        ],
      }
    : {
        points: async () => {
          const { clusterPoints } = await import("./cluster-points.js");
          return clusterPoints(server, relay, await newestArchived(server, outputs));
        },
        nameOf: (generation) => clusterName({ database, recovery: undefined }, generation),
        steps: (ref) => [
          ...remoteSteps(ref),
          "docs/kubernetes.md#backups-and-recovery has the details.",
        ],
      };
}

async function localHome(
  server: ServerOutput,
  outputs: StackOutputs,
  up: () => Promise<number>,
): Promise<RestoreHome> {
  if (server.backups?.dumpsOnly) {
    throw new UserError(
      `${server.database} has dumps only, which this command cannot switch to. npm run restore-drill shows what they ` +
        "hold. No command puts one in the place of the server.",
    );
  }
  const { archiveAll, localPoints, nextGeneration } = await import("./local-recovery.js");
  return {
    points: async () => {
      // If the server is gone, the archive ends where it ended.
      await archiveAll(server, outputs).catch(() => undefined);
      return localPoints(server);
    },
    next: () => nextGeneration(server.database),
    nameOf: (generation) =>
      `generation ${generation} of the data in .sark/local/${server.database}`,
    steps: () => [],
    apply: up,
  };
}

/** How the home of a server restores into a scratch server, or where it does. */
export async function drillHome(server: ServerOutput, outputs: StackOutputs): Promise<DrillPlace> {
  const { relay, backups } = server;
  if (relay === undefined) {
    return backups?.dumpsOnly
      ? (await import("./local-dumps.js")).dumpDrill(server, outputs)
      : (await import("./local-recovery.js")).localDrill(server, outputs);
  }
  if (isRds(relay)) return (await import("./rds-drill.js")).rdsDrill(server, outputs, relay);
  return (
    `${server.database} is restored in its cluster every week. To do it now: kubectl --namespace ${relay.namespace} ` +
    `create job --from cronjob/${relay.cluster}-restore-drill ${relay.cluster}-restore-drill-now`
  );
}

function remoteSteps({ stack }: StackRef): readonly string[] {
  return [
    "Next:",
    `  1. In a protected stack, set protection: false and run ${npmCommand("up", stack)}: a recovery replaces the server.`,
    `  2. Commit the settings. ${npmCommand("preview", stack)} shows the new server; ${npmCommand("up", stack)} creates it and`,
    "     switches the pool and the jobs to it.",
    `  3. Check the data: ${npmCommand("status", stack)}. Then set protection: true again.`,
  ];
}

/** Time of the newest archived WAL; undefined if the server does not answer. */
async function newestArchived(
  server: ServerOutput,
  outputs: StackOutputs,
): Promise<Date | undefined> {
  return onServer(server, outputs, "monitor", async (session) => {
    const { rows } = await session.query<{ time: Date | null }>(
      "select last_archived_time as time from pg_catalog.pg_stat_archiver",
    );
    return rows[0]?.time ?? undefined;
  }).catch(() => undefined);
}
