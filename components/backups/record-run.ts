import type { Client } from "pg";
import type { BackupRun } from "./plan/drill-report";

/** Writes a run into `public.backup_runs`. @param client a session of the maintenance login */
export async function recordRun(client: Pick<Client, "query">, run: BackupRun): Promise<void> {
  const { kind, startedAt, finishedAt, succeeded, bytes, targetTime, report } = run;
  await client.query(
    `insert into public.backup_runs (kind, started_at, finished_at, succeeded, bytes, target_time, report)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [kind, startedAt, finishedAt, succeeded, bytes, targetTime, JSON.stringify(report)],
  );
}
