/** Migration files outside of a transaction, on a table of one test. */
import type { Client } from "pg";
import type { RunnerOptions } from "../../components/migrations/runner/run";
import { waitUntil } from "../../components/homes/local/processes/process";
import type { MigrationScratch, Texts } from "./migration-scratch";

const TABLE = {
  "000001_a.sql":
    "create table public.a (id int); insert into public.a select x % 9 from pg_catalog.generate_series(1, 10) as x;",
};

/** The name of the file outside of a transaction. */
export const FILE = "000002_index.sql";
/** Results of {@link OutsideScratch.recorded} for a recorded and for an unfinished file. */
export const DONE = ["1 0"];
export const UNFINISHED = ["0 1"];

/** @param directives additional ones; the test ends a wait for a lock, not a timeout */
export function withFile(sql: string, directives = ""): Texts {
  return { ...TABLE, [FILE]: `--! no-transaction\n--! lock_timeout 60s\n${directives}${sql}` };
}

export interface OutsideScratch {
  /** A database with the table `public.a`, in whose ids 0 to 8 one occurs twice. */
  readonly prepared: () => Promise<string>;
  /** Indexes on the table, and whether each is valid and unique. */
  readonly indexes: (database: string) => Promise<readonly unknown[]>;
  /** Identity of the index `a_id`, which changes when it is rebuilt. */
  readonly identity: (database: string) => Promise<readonly unknown[]>;
  /** How often the file was recorded, and whether it still counts as unfinished. */
  readonly recorded: (database: string) => Promise<readonly unknown[]>;
  /** Runs work while `the writer` has an uncommitted change in the table, for which every concurrent build waits. */
  readonly whileWritten: <T>(database: string, work: (writer: Client) => Promise<T>) => Promise<T>;
  /** Process id of the run's session, once its statement waits for the writer. */
  readonly waitingProcess: (database: string) => Promise<number>;
  /** A run that ends after the statement and before recording it, as if killed there. */
  readonly unrecorded: (database: string, texts: Texts) => Promise<void>;
}

export function outsideScratch(scratch: () => MigrationScratch): OutsideScratch {
  const column: MigrationScratch["column"] = (database, sql) => scratch().column(database, sql);
  const migrate = (database: string, texts: Texts, options?: Partial<RunnerOptions>) =>
    scratch().migrate(database, texts, options);
  return {
    async prepared() {
      const database = await scratch().emptyDatabase();
      await migrate(database, TABLE);
      return database;
    },
    indexes: (database) =>
      column(
        database,
        `select concat_ws(' ', c.relname, case when i.indisvalid then 'valid' else 'invalid' end,
                          case when i.indisunique then 'unique' end) as value
           from pg_index as i join pg_class as c on c.oid = i.indexrelid
          where i.indrelid = 'public.a'::regclass order by c.relname`,
      ),
    identity: (database) => column(database, "select to_regclass('public.a_id')::oid as value"),
    recorded: (database) =>
      column(
        database,
        `select concat_ws(' ', (select count(*) from sark_migrations.applied where name = '${FILE}'),
                          (select count(*) from sark_migrations.started where name = '${FILE}')) as value`,
      ),
    whileWritten: (database, work) =>
      scratch().session(database, async (writer) => {
        await writer.query(
          "set application_name to 'the writer'; begin; insert into public.a values (100)",
        );
        return work(writer);
      }),
    async waitingProcess(database) {
      let found: readonly unknown[] = [];
      const waits = async (): Promise<boolean> => {
        found = await column(
          "postgres",
          `select pid as value from pg_stat_activity
            where datname = '${database}' and usename = 'migrator' and wait_event_type = 'Lock'`,
        );
        return found.length === 1;
      };
      if (!(await waitUntil(waits, 20_000))) throw new Error("the run does not wait");
      return Number(found[0]);
    },
    async unrecorded(database, texts) {
      const run = migrate(database, texts, {
        onStep: ({ before }) => {
          if (before === "ledger") throw new Error("killed");
        },
      });
      await expect(run).rejects.toThrow("killed");
    },
  };
}
