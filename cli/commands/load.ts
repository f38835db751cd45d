import { DATABASES, type DatabaseName } from "../../components/roles/plan/role-plan";
import { findHome } from "../../components/homes/plan/registry";
import { HOST } from "../../components/homes/local/processes/ports";
import type { StackOutputs } from "../../components/outputs/outputs";
import type { Scale } from "../../data/scale";
import { tablesOf } from "../../data/tables";
import { type Engine, type StackRef, UserError } from "../../engine/engine";
import { withAdministrator, fillTables, filledTables, type LoadedTable } from "./load-database";
import { requireOutputs } from "./known-stack";
import { shortName } from "../../engine/names";
import { npmCommand as commandText } from "../../engine/read-outputs";
import type { Terminal } from "../report/terminal";

export interface LoadCommand {
  readonly scale: Scale;
  readonly seed: number;
  /** Undefined: both. */
  readonly database?: DatabaseName | undefined;
}

/**
 * Fills the empty tables of a stack on this machine with made-up data, each database in one transaction.
 * @throws UserError before any change: a stack that is remote or protected, tables that hold rows
 */
export async function runLoad(
  { scale, seed, database }: LoadCommand,
  engine: Engine,
  ref: StackRef,
  terminal: Terminal,
): Promise<number> {
  const outputs = await requireOutputs(engine, ref, terminal);
  refuseElsewhere(outputs, ref);
  await refuseProtected(engine, ref);

  const now = new Date();
  const work = DATABASES.filter((name) => database === undefined || name === database).map(
    (name) => ({ name, tables: tablesOf(name, { scale, seed, now }) }),
  );
  // All databases are checked before the first is filled.
  const holding: string[] = [];
  for (const { name, tables } of work) {
    const filled = await withAdministrator(outputs, name, (client) => filledTables(client, tables));
    holding.push(...filled.map((table) => `${name}.${table}`));
  }
  refuseRows(holding, ref);

  const loaded: Record<string, readonly LoadedTable[]> = {};
  for (const { name, tables } of work) {
    terminal.line(terminal.paint("bold", name));
    loaded[name] = await withAdministrator(outputs, name, (client) =>
      fillTables(client, name, tables, terminal),
    );
  }
  if (terminal.json) await terminal.document({ scale, seed, now: now.toISOString(), loaded });
  return 0;
}

const isLocal = (home: string): boolean => findHome(home)?.onThisMachine === true;

function refuseElsewhere({ servers }: StackOutputs, { stack }: StackRef): void {
  const elsewhere = Object.values(servers).filter(
    // An external server may replace the local one.
    ({ home, host }) => !isLocal(home) || host !== HOST,
  );
  if (elsewhere.length === 0) return;
  const names = elsewhere.map(
    ({ database, home, host }) => `${database} (${isLocal(home) ? host : home})`,
  );
  throw new UserError(
    `Stack ${stack} has databases on other machines: ${names.join(", ")}. load only fills databases on this machine, ` +
      "so that made-up rows never mix with real ones. Nothing was changed.",
  );
}

async function refuseProtected(engine: Engine, ref: StackRef): Promise<void> {
  const { resources } = await engine.previewDestroy(ref);
  const kept = resources.filter(({ options }) => options.protect).map(({ urn }) => shortName(urn));
  if (kept.length === 0) return;
  throw new UserError(
    `Stack ${ref.stack} is protected (${kept.join(", ")}). load does not add made-up rows to protected data. ` +
      "Nothing was changed.",
  );
}

function refuseRows(holding: readonly string[], { stack }: StackRef): void {
  if (holding.length === 0) return;
  throw new UserError(
    `${holding.join(", ")} already ${holding.length === 1 ? "holds" : "hold"} rows. load only fills empty tables. ` +
      `Nothing was changed. To start empty: ${commandText("destroy", stack)}, then ${commandText("up", stack)}.`,
  );
}
