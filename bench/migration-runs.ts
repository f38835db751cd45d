/**
 * Measures a migration run without pending files, with ten and with a thousand applied files. Writes Markdown.
 *
 *   npm run bench:migrations -- [repetitions]
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { applyMigrations } from "../components/migrations/runner/run";
import { readTexts } from "../components/migrations/migration-folder";
import { type MigrationFile, planFiles } from "../components/migrations/plan/migration-files";
import { rejectChangedFiles } from "../components/migrations/plan/migration-plan";
import { manyTexts } from "../scratch/many-migrations";
import {
  goldenSchema,
  type MigrationTarget,
  startMigrationTarget,
  withSession,
} from "../scratch/migration-target";
import { temporaryFolder } from "../scratch/scratch-postgres";
import { measureTime, quartiles, formatQuartiles } from "./timing";

const OWNER = "sark_owner";
const COUNTS = [10, 1000] as const;

/** A dump of realistic size, which a run keeps in the ledger. */
const SCHEMA = goldenSchema("sark");

interface Project {
  readonly count: number;
  /** The folder of the migration files. */
  readonly folder: string;
  readonly database: string;
}

/** Times of the parts of a deployment, in ms. */
interface Times {
  /** Reading and hashing the files, which a preview does without a connection. */
  readonly planned: number;
  /** Comparing the hashes with those of the state, the rest of the preview. */
  readonly compared: number;
  /** Connecting and running. */
  readonly run: number;
}

/** Creates a database with `count` applied files. */
async function prepare(target: MigrationTarget, base: string, count: number): Promise<Project> {
  const folder = join(base, String(count));
  mkdirSync(folder);
  for (const [name, text] of Object.entries(manyTexts(count))) {
    writeFileSync(join(folder, name), text);
  }
  const database = await target.freshDatabase();
  await run(target, database, planFiles(readTexts(folder)));
  return { count, folder, database };
}

async function run(
  target: MigrationTarget,
  database: string,
  files: readonly MigrationFile[],
): Promise<number> {
  const options = { owner: OWNER, ledgerReaders: [], schema: SCHEMA };
  const applied = await withSession(target.connection(database), (client) =>
    applyMigrations(client, files, options),
  );
  return applied.length;
}

async function measure(target: MigrationTarget, project: Project): Promise<Times> {
  const planned = await measureTime(() => planFiles(readTexts(project.folder)));
  const files = planned.result;
  const hashes = Object.fromEntries(files.map(({ name, hash }) => [name, hash]));
  const compared = await measureTime(() => {
    rejectChangedFiles(hashes, hashes);
  });
  const nothing = await measureTime(() => run(target, project.database, files));
  if (nothing.result !== 0) throw new Error(`${nothing.result} files were applied again`);
  return { planned: planned.ms, compared: compared.ms, run: nothing.ms };
}

const PARTS = {
  planned: "read and hash the files (preview)",
  compared: "compare with the state (preview)",
  run: "connect, and run without pending files",
} satisfies Record<keyof Times, string>;

async function main(repetitions: number): Promise<void> {
  const target = await startMigrationTarget();
  const base = temporaryFolder("sark-bench-migrations-");
  try {
    const projects: Project[] = [];
    for (const count of COUNTS) projects.push(await prepare(target, base, count));
    const times = new Map(projects.map(({ count }) => [count, [] as Times[]]));
    // The first repetition is a warm-up.
    for (let repetition = 0; repetition <= repetitions; repetition += 1) {
      // The projects alternate in going first.
      for (const project of repetition % 2 === 0 ? projects : projects.toReversed()) {
        const taken = await measure(target, project);
        if (repetition > 0) times.get(project.count)?.push(taken);
      }
    }
    console.log(table(times));
  } finally {
    await target.stop();
    rmSync(base, { recursive: true, force: true });
  }
}

function table(times: ReadonlyMap<number, readonly Times[]>): string {
  const [few, many] = COUNTS.map((count) => times.get(count) ?? []);
  const line = (label: string, of: (taken: Times) => number): string => {
    const [a, b] = [few, many].map((all) => quartiles((all ?? []).map(of)));
    if (a === undefined || b === undefined) return "";
    return `| ${label} | ${formatQuartiles(a)} | ${formatQuartiles(b)} | ${(b[1] - a[1]).toFixed(1)} |`;
  };
  return [
    `Milliseconds: median of ${few?.length ?? 0} alternating repetitions (quartiles in brackets).`,
    "",
    `| Part | ${COUNTS[0]} files | ${COUNTS[1]} files | difference |`,
    "| --- | --- | --- | --- |",
    line(PARTS.planned, ({ planned }) => planned),
    line(PARTS.compared, ({ compared }) => compared),
    line(PARTS.run, (taken) => taken.run),
    line("total", (taken) => taken.planned + taken.compared + taken.run),
  ].join("\n");
}

void main(Number(process.argv[2] ?? 40));
