import type { Client } from "pg";
import { readLedger } from "../components/database/migrations/ledger";
import { readPresentSchema, readRecordedSchema } from "../components/database/migrations/recorded";
import { withHypertables, withoutFigures } from "../components/lib/hypertables/figures-of-dump";
import { diffSchemas, type SchemaDifference } from "../components/lib/schema-diff";
import type { ServerOutput, StackOutputs } from "../components/outputs";
import type { Engine, StackRef } from "./engine";
import { reached } from "./reach";
import { readOutputs } from "./stack-outputs";
import { configOf, probe } from "./status-probe";

/** Milliseconds for a question about the catalog, which may be large, or its server busy; the login's own limit is less. */
const READING = 20_000;

/** How one database's schema differs from what its files make. */
export interface SchemaDrift {
  readonly database: string;
  readonly differences: readonly SchemaDifference[];
  /** Why nothing was compared, a clause; unset where it was. */
  readonly note?: string;
}

/**
 * Compares each database of a stack with the dump that its last complete run has recorded, so that files which are still
 * to be applied are no difference. Connects nowhere when the stack is not up, and never fails: what cannot be looked at
 * is a note.
 */
export async function schemaDriftOf(
  engine: Engine,
  ref: StackRef,
): Promise<readonly SchemaDrift[]> {
  // Without its state there will be no plan either, which says why.
  const outputs = readOutputs(await engine.outputs(ref).catch(() => undefined));
  if (outputs === undefined) return [];
  return Promise.all(Object.values(outputs.servers).map((server) => compare(server, outputs)));
}

async function compare(
  server: ServerOutput,
  { logins }: Pick<StackOutputs, "logins">,
): Promise<SchemaDrift> {
  const { database } = server;
  const unknown = (note: string): SchemaDrift => ({ database, differences: [], note });
  const login = logins[`${database}_monitor`];
  if (login === undefined) return unknown("the stack has no login to look at it with");
  try {
    const answer = await reached(server, server.sslMode, (way) =>
      probe(configOf(server, way, login, { name: "drift", takes: READING }), (client) =>
        look(client, server),
      ),
    );
    if (!answer.up) return unknown(answer.error);
    return typeof answer.facts === "string"
      ? unknown(answer.facts)
      : { database, differences: answer.facts };
  } catch (error) {
    return unknown(error instanceof Error ? error.message : String(error));
  }
}

/** The differences, or why there is nothing to compare with. */
async function look(
  client: Client,
  { hypertables }: ServerOutput,
): Promise<readonly SchemaDifference[] | string> {
  const recorded = await readRecordedSchema(client);
  if (recorded === undefined) return "no run has recorded it yet; the next `npm run up` will";
  const applied = (await readLedger(client)).map(({ name }) => name);
  const besides = applied.filter((name) => !recorded.files.includes(name));
  if (besides.length > 0) {
    return `only a part of the last run's files was applied (${besides.join(", ")}); \`npm run up\` goes on`;
  }
  const actual = await readPresentSchema(client);
  return hypertables === undefined
    ? diffSchemas(withoutFigures(recorded.dump), withoutFigures(actual))
    : diffSchemas(withHypertables(recorded.dump, hypertables), actual);
}
