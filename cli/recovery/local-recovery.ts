import { makeRecord } from "../../components/backups/make-record";
import { availableBackups } from "../../components/homes/local/backups/available-backups";
import { restoreBackup } from "../../components/homes/local/backups/restore-backup";
import { archiveNow, servedRepository } from "../../components/homes/local/backups/server-backups";
import type { Admin } from "../../components/homes/local/processes/postgres";
import { serverFolder } from "../../components/homes/local/processes/paths";
import { withClient } from "../../components/connections/provider-connection";
import type { ServerOutput, StackOutputs } from "../../components/outputs/outputs";
import { findLogin } from "../../engine/read-outputs";
import type { RecoveryPoints } from "./recovery-points";
import type { DrillHome } from "./restore-drill";
import { onServer } from "./stack-session";

/** What pgBackRest's repository can restore. */
export async function localPoints({ database, backups }: ServerOutput): Promise<RecoveryPoints> {
  const { oldest, newestWal, gaps } = await availableBackups(servedRepository(database));
  return {
    ...(oldest === undefined ? {} : { oldest: new Date(oldest) }),
    ...(newestWal === undefined ? {} : { newest: new Date(newestWal.time) }),
    gaps: gaps.map(({ after, before }) => `the WAL between ${after} and ${before} is missing`),
    source: backups?.location ?? database,
  };
}

/** Archives what is committed so far, so that it can be restored. */
export async function archiveAll({ database }: ServerOutput, outputs: StackOutputs): Promise<void> {
  await archiveNow(serverFolder(database), adminOf(database, outputs));
}

/** Restores the base backup and the WAL of a server on this machine into a server beside it. */
export function localDrill(server: ServerOutput, outputs: StackOutputs): DrillHome {
  const { database } = server;
  const admin = adminOf(database, outputs);
  return {
    withRestored: async (to, work) => {
      const repository = servedRepository(database);
      const record =
        to === undefined ? await onServer(server, outputs, "admin", makeRecord) : undefined;
      if (record) await archiveNow(serverFolder(database), admin);
      const point = record ? { lsn: record.lsn, exclusive: true } : { time: to };
      const newest = (await availableBackups(repository)).backups.at(-1);
      const scratch = await restoreBackup(
        repository,
        point,
        admin,
        serverFolder(`${database}-drill`),
      );
      try {
        const { host, port, user, password } = scratch;
        const target = { host, port, user, password, database, sslMode: "disable" } as const;
        return await withClient(target, (session) =>
          work(session, {
            source: `base backup ${newest?.label ?? ""}, with WAL up to ${scratch.lsn}`,
            target: to ?? record?.time,
            ...(record ? { record } : {}),
            lost: `what was written after ${to ?? record?.time ?? ""}`,
          }),
        );
      } finally {
        await scratch.remove();
      }
    },
  };
}

function adminOf(database: string, outputs: StackOutputs): Admin {
  const { user, password } = findLogin(outputs, `${database}_admin`);
  return { user, password };
}
