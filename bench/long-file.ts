/**
 * Compares a migration of many statements with the same file in `psql -1`. Needs psql on the PATH. Writes Markdown.
 *
 *   npm run bench:long-file -- [repetitions]
 */
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { applyMigrations } from "../components/migrations/runner/run";
import { planFiles } from "../components/migrations/plan/migration-files";
import { readStatements } from "../components/migrations/plan/statements";
import {
  type MigrationTarget,
  startMigrationTarget,
  withSession,
} from "../scratch/migration-target";
import { temporaryFolder } from "../scratch/scratch-postgres";
import { measureTime, quartiles, formatQuartiles } from "./timing";

const COUNTS = [1_000, 10_000, 100_000] as const;
const OWNER = "sark_owner";
const FILE = "000002_seed.sql";

/** The table exists before the file under test, so the runner applies its lock handling. */
const TABLE = planFiles({
  "000001_table.sql": "create table public.seed (id integer primary key, name text, value text);",
});

/** Rows of about 200 bytes, like those of a settings table. */
function seed(count: number): string {
  const rows = Array.from(
    { length: count },
    (_, at) =>
      `insert into public.seed (id, name, value) values (${at}, 'name ${at}', '${"x".repeat(120)}');`,
  );
  return `${rows.join("\n")}\n`;
}

interface Times {
  readonly preview: number;
  readonly up: number;
  readonly psql: number;
}

async function measure(
  target: MigrationTarget,
  folder: string,
  count: number,
  psqlFirst: boolean,
): Promise<Times> {
  const [file] = planFiles({ [FILE]: seed(count) });
  if (file === undefined) throw new Error("no file");
  const preview = await measureTime(() => readStatements(file));
  const run = (database: string, files: typeof TABLE) =>
    withSession(target.connection(database), (client) =>
      applyMigrations(client, files, { owner: OWNER, ledgerReaders: [] }),
    );
  const fresh = async (work: (database: string) => unknown): Promise<number> => {
    const database = await target.freshDatabase();
    await run(database, TABLE);
    const { ms } = await measureTime(() => work(database));
    await target.drop(database);
    return ms;
  };
  const up = () => fresh((database) => run(database, [...TABLE, file]));
  const path = join(folder, FILE);
  writeFileSync(path, `set role ${OWNER};\n${file.sql}`, { mode: 0o600 });
  const psql = () =>
    fresh((database) => {
      const { host = "", port = 0, user = "", password } = target.connection(database);
      execFileSync("psql", ["-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-f", path], {
        env: {
          ...process.env,
          PGHOST: host,
          PGPORT: String(port),
          PGUSER: user,
          PGDATABASE: database,
          PGPASSWORD: String(password),
        },
      });
    });
  const first = psqlFirst ? await psql() : undefined;
  return { preview: preview.ms, up: await up(), psql: first ?? (await psql()) };
}

async function main(repetitions: number): Promise<void> {
  const target = await startMigrationTarget();
  const folder = temporaryFolder("sark-bench-long-file-");
  try {
    console.log(
      `Milliseconds: median of ${repetitions} alternating repetitions (quartiles in brackets).\n`,
    );
    console.log("| Statements | parse (preview) | run | psql -1 | run / psql |");
    console.log("| --- | --- | --- | --- | --- |");
    for (const count of COUNTS) {
      const times: Times[] = [];
      // The first repetition is a warm-up.
      for (let repetition = 0; repetition <= repetitions; repetition += 1) {
        const taken = await measure(target, folder, count, repetition % 2 === 1);
        if (repetition > 0) times.push(taken);
      }
      const of = (part: keyof Times) => quartiles(times.map((taken) => taken[part]));
      const [preview, up, psql] = [of("preview"), of("up"), of("psql")];
      console.log(
        `| ${count} | ${formatQuartiles(preview)} | ${formatQuartiles(up)} | ${formatQuartiles(psql)} | ${(up[1] / psql[1]).toFixed(2)} |`,
      );
    }
  } finally {
    await target.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

void main(Number(process.argv[2] ?? 5));
