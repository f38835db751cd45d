/** Migration runs that are cut at a step, and the state of the database that must result. */
import type { Client, ClientConfig } from "pg";
import type { Boundary } from "../../components/migrations/runner/attempt";
import { planFiles } from "../../components/migrations/plan/migration-files";
import { readStatements } from "../../components/migrations/plan/statements";
import { type MigrationTarget, type Texts, withSession } from "../../scratch/migration-target";
import { migrate, migrationTexts, type Outcome, outcomeOf } from "./migration-outcome";

/** A database, and the migrations for it. */
export interface CutTarget {
  readonly texts: Texts;
  readonly owner: string;
  /** Connection of the login that migrates. */
  readonly connection: ClientConfig;
  /** Connection of a superuser. */
  readonly admin: ClientConfig;
}

/** A new database on the server, for the migrations of `sark`. */
export async function freshSark(server: MigrationTarget): Promise<CutTarget> {
  const connection = server.connection(await server.freshDatabase());
  const admin = { ...connection, user: "postgres" };
  return { texts: migrationTexts("sark"), owner: "sark_owner", connection, admin };
}

/** The steps that a run over these files must reach, in order. */
export async function boundariesOf(texts: Texts): Promise<readonly Boundary[]> {
  const steps: Boundary[] = [];
  for (const file of planFiles(texts)) {
    const statements = await readStatements(file);
    const places: Boundary["before"][] = [...statements.keys(), "ledger"];
    if (file.directives.transaction) places.push("commit");
    places.push("end");
    steps.push(...places.map((before) => ({ file: file.name, before })));
  }
  return steps;
}

/** The steps that a complete run reached. */
export async function stepsOf(target: CutTarget): Promise<readonly Boundary[]> {
  const steps: Boundary[] = [];
  await migrate(target.connection, target.texts, target.owner, (step) => void steps.push(step));
  return steps;
}

/** Result of a run that was to be cut. */
export interface CutRun {
  readonly step: Boundary;
  /** Number of cuts: one. */
  readonly cuts: number;
  /** Error of the run; undefined if it completed anyway. */
  readonly failure: string | undefined;
  /** The ledger afterwards. */
  readonly recorded: readonly string[];
}

/**
 * Runs once for each of the steps, in order, on one database, and cuts each run at its own step. Each run continues
 * from the one before, so every cut is followed by a next run.
 */
export async function cutAtEach(
  target: CutTarget,
  steps: readonly Boundary[],
  cut: (client: Client) => void | Promise<void>,
): Promise<readonly CutRun[]> {
  const runs: CutRun[] = [];
  for (const step of steps) {
    let cuts = 0;
    const { connection, texts, owner } = target;
    const failure = await migrate(connection, texts, owner, async (now, client) => {
      if (now.file !== step.file || now.before !== step.before) return;
      cuts += 1;
      await cut(client);
    }).then(
      () => undefined,
      (error: unknown) => String(error),
    );
    runs.push({ step, cuts, failure, recorded: await recordedIn(target) });
  }
  return runs;
}

/** The result that {@link cutAtEach} must have: each run failed, and recorded only complete files. */
export function expectedOf(target: CutTarget, steps: readonly Boundary[]): readonly CutRun[] {
  const names = Object.keys(target.texts).sort();
  const connectionLost: unknown = expect.stringMatching(/terminat|ECONNRESET|EPIPE|not queryable/);
  return steps.map((step) => {
    const over = step.before === "end";
    return {
      step,
      cuts: 1,
      failure: connectionLost as string,
      recorded: names.filter((name) => name < step.file || (over && name === step.file)),
    };
  });
}

async function recordedIn({ admin }: CutTarget): Promise<readonly string[]> {
  const { rows } = await withSession(admin, (client) =>
    client.query<{ name: string }>("select name from sark_migrations.applied order by name"),
  );
  return rows.map(({ name }) => name);
}

/** The current state of the database. */
export async function outcomeIn({ admin }: CutTarget): Promise<Outcome> {
  return withSession(admin, outcomeOf);
}

/** The required final state: the schema, each file recorded once, in order, and no lock. */
export function converged(texts: Texts, schema: string): Outcome {
  return { schema, recorded: Object.keys(texts).sort(), unfinished: [], locks: 0 };
}
