import { readdirSync } from "node:fs";
import { makeRecord } from "../../components/backups/make-record";
import { availableBackups } from "../../components/homes/local/backups/available-backups";
import { restoreBackup } from "../../components/homes/local/backups/restore-backup";
import { archiveNow, servedRepository } from "../../components/homes/local/backups/server-backups";
import type { Admin } from "../../components/homes/local/processes/postgres";
import {
  drillFolder,
  existingServerFolder,
  serverFolder,
} from "../../components/homes/local/processes/paths";
import { servedGeneration } from "../../components/homes/local/processes/postgres-files";
import { withClient } from "../../components/connections/provider-connection";
import type { ServerOutput, StackOutputs } from "../../components/outputs/outputs";
import { UserError } from "../../engine/engine";
import { findLogin } from "../../engine/read-outputs";
import type { RecoveryPoints } from "./recovery-points";
import type { DrillHome } from "./restore-drill";
import { onServer } from "./stack-session";

/**
 * What pgBackRest's repository can restore.
 * @throws BackupError if it cannot be read
 */
export async function localPoints({ database, backups }: ServerOutput): Promise<RecoveryPoints> {
  if (existingServerFolder(database) === undefined) {
    throw new UserError(
      `The folder of ${database} is gone, with the configuration of its backups. Set sark-databases:${database}.recovery ` +
        "to { generation: 2 }, or the next number that was never used, and run `npm run up`: it restores everything.",
    );
  }
  const { oldest, newestWal, gaps } = await availableBackups(servedRepository(database));
  return {
    ...(oldest === undefined ? {} : { oldest: new Date(oldest) }),
    ...(newestWal === undefined ? {} : { newest: new Date(newestWal.time) }),
    gaps: gaps.map(({ after, before }) => `the WAL between ${after} and ${before} is missing`),
    source: backups?.location ?? database,
  };
}

/** The next generation of the data, restored from the one that is served. */
export function nextGeneration(database: string): {
  readonly generation: number;
  readonly from: number;
} {
  const folder = serverFolder(database);
  const made = readdirSync(folder).map((name) => Number(/^data-g(\d+)$/.exec(name)?.[1] ?? 1));
  return { generation: Math.max(1, ...made) + 1, from: servedGeneration(folder) };
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
      const scratch = await restoreBackup(
        repository,
        point,
        admin,
        drillFolder(serverFolder(database)),
      );
      try {
        const { host, port, user, password } = scratch;
        const target = { host, port, user, password, database, sslMode: "disable" } as const;
        return await withClient(target, (session) =>
          work(session, {
            source: `base backup ${scratch.backup}, with WAL up to ${scratch.lsn}`,
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
