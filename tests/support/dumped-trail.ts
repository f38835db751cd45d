/** A dump of the embedded TimescaleDB, which has rows, digests and compressed chunks. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { dumpDatabase, type WrittenDump } from "../../components/backups/dump/dump-database";
import { type ConnectionInput, withClient } from "../../components/connections/provider-connection";
import { projectRoot } from "../../components/files/project-root";
import {
  buildTimescale,
  type ScratchTimescale,
  startScratchTimescale,
} from "../../scratch/scratch-timescale";
import { migrateScratch } from "../../scripts/generated/schema/golden-dumps";
import { postgresPrograms } from "./postgres-programs";

export const SECRET = "a secret of a test, which is as long as a real one";

/** Rows of eighteen days with digests, and compressed chunks. */
const ROWS = `
  insert into public.audit_events (time, event_type, status, ip_address, details)
  select now() - interval '1 day' * (2 + n / 20), 'type ' || n % 3, 'success', '2001:db8::1', '{"b": 1.50, "a": "ä"}'
    from generate_series(0, 359) as n;
  insert into public.policy_evaluations (time, policy_name, decision, duration_ms)
  select now() - interval '3 days' + interval '1 minute' * n, 'read', n % 3 > 0, n from generate_series(1, 200) as n;
  insert into public.siem_events (time, event_type, destination, payload)
  values (now() - interval '2 days', 'login', 'splunk', '{"n": 1}')`;

/** Describes tests that need pg_dump and pg_restore, which are on the PATH for them. */
export function describeWithPgDump(name: string, tests: () => void): void {
  const programs = postgresPrograms();
  const path = process.env["PATH"];
  (programs === undefined ? describe.skip : describe)(name, () => {
    beforeAll(() => {
      process.env["PATH"] = `${programs ?? ""}:${path ?? ""}`;
    });
    afterAll(() => {
      process.env["PATH"] = path;
    });
    tests();
  });
}

export class DumpedTrail {
  private constructor(
    /** The program of the embedded server. */
    readonly script: string,
    private readonly source: ScratchTimescale,
    readonly connection: ConnectionInput,
    readonly dump: WrittenDump,
  ) {}

  static async start(): Promise<DumpedTrail> {
    const script = buildTimescale();
    const source = await startScratchTimescale(script);
    const connection = await migrateScratch(source, "sark_audit", projectRoot());
    await withClient(connection, async (client) => {
      await client.query(ROWS);
      const { rows } = await client.query<{ job_id: number }>(
        "select job_id from timescaledb_information.jobs where proc_name ~ 'digests|compression|refresh' order by 1",
      );
      for (const { job_id } of rows) await client.query(`call public.run_job(${job_id})`);
    });
    const folder = mkdtempSync(join(tmpdir(), "sark-dumps-"));
    const dump = await dumpDatabase(connection, { folder, secret: SECRET, singleSession: true });
    return new DumpedTrail(script, source, connection, dump);
  }

  /** The folder with the dump and its manifest. */
  get folder(): string {
    return dirname(this.dump.file);
  }

  async stop(): Promise<void> {
    await this.source.stop();
    rmSync(join(this.script, ".."), { recursive: true, force: true });
    rmSync(this.folder, { recursive: true, force: true });
  }
}
