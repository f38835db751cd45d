import { homeCalled } from "../../components/homes/plan/registry";
import type { Client } from "pg";
import { readLedger } from "../../components/migrations/runner/ledger";
import { readPresentSchema, readRecordedSchema } from "../../components/migrations/runner/recorded";
import { readRoleCatalog } from "../../components/roles/role-catalog";
import { withHypertables, withoutFigures } from "../../components/hypertables/plan/figures-of-dump";
import { DATABASES, rolePlan } from "../../components/roles/plan/role-plan";
import { diffRoles } from "../../components/roles/plan/role-diff";
import type { RoleDifference } from "../../components/roles/plan/role-words";
import { expectedRoles } from "../../components/roles/plan/expected-roles";
import {
  diffSchemas,
  type SchemaDifference,
} from "../../components/database-layer/plan/schema-diff";
import type { ServerOutput, StackOutputs } from "../../components/outputs/outputs";
import type { Engine, StackRef } from "../../engine/engine";
import { reached } from "../status/reach";
import { readOutputs } from "../../engine/read-outputs";
import { configOf, probe } from "../status/status-probe";

/** Milliseconds for a question about the catalog, which may be large, or its server busy; the login's own limit is less. */
const READING = 20_000;

/** What differs, or why that is not known. */
export interface Compared<Difference> {
  readonly differences: readonly Difference[];
  /** Why nothing was compared, a clause; unset where it was. */
  readonly note?: string;
}

/** How one database differs from what the stack makes. */
export interface DatabaseDrift {
  readonly database: string;
  /** From the dump that the last run recorded. */
  readonly schema: Compared<SchemaDifference>;
  /** Of its server, from the role plan and what the home has besides. */
  readonly roles: Compared<RoleDifference>;
}

/**
 * Compares each database of a stack with the dump that its last complete run has recorded, so that files which are still
 * to be applied are no difference; and the roles with the role plan. Connects nowhere when the stack is not up, and never
 * fails: what cannot be looked at is a note.
 */
export async function databaseDriftOf(
  engine: Engine,
  ref: StackRef,
): Promise<readonly DatabaseDrift[]> {
  // Without its state there will be no plan either, which says why.
  const outputs = readOutputs(await engine.outputs(ref).catch(() => undefined));
  if (outputs === undefined) return [];
  return Promise.all(Object.values(outputs.servers).map((server) => compare(server, outputs)));
}

async function compare(
  server: ServerOutput,
  { logins }: Pick<StackOutputs, "logins">,
): Promise<DatabaseDrift> {
  const { database } = server;
  const unknown = { differences: [], note: "the stack has no login to look at it with" };
  const login = logins[`${database}_monitor`];
  if (login === undefined) return { database, schema: unknown, roles: unknown };
  let roles: DatabaseDrift["roles"] | undefined;
  const schema = await reached(server, server.sslMode, (way) =>
    probe(configOf(server, way, login, { name: "drift", takes: READING }), async (client) => {
      // Known already if the schema cannot be read.
      roles = await compareRoles(client, server, logins[`${database}_admin`]?.user);
      return compareSchema(client, server);
    }),
  ).then(
    (answer) => (answer.up ? answer.facts : { differences: [], note: answer.error }),
    (error: unknown) => ({
      differences: [],
      note: error instanceof Error ? error.message : String(error),
    }),
  );
  return { database, schema, roles: roles ?? { differences: [], note: schema.note ?? "" } };
}

async function compareRoles(
  client: Client,
  { database, home, external }: ServerOutput,
  admin: string | undefined,
): Promise<DatabaseDrift["roles"]> {
  const planned = DATABASES.find((name) => name === database);
  if (planned === undefined || admin === undefined) {
    return { differences: [], note: "the stack's outputs do not name its administrator" };
  }
  // The names do not depend on the rotation.
  const plan = rolePlan(planned, 1);
  const expected = expectedRoles(plan, homeCalled(home).roles(admin, external === true), admin);
  return { differences: diffRoles(expected, await readRoleCatalog(client)) };
}

async function compareSchema(
  client: Client,
  { hypertables }: ServerOutput,
): Promise<DatabaseDrift["schema"]> {
  const unknown = (note: string) => ({ differences: [], note });
  const recorded = await readRecordedSchema(client);
  if (recorded === undefined) {
    return unknown("no run has recorded it yet; the next `npm run up` will");
  }
  const applied = (await readLedger(client)).map(({ name }) => name);
  const besides = applied.filter((name) => !recorded.files.includes(name));
  if (besides.length > 0) {
    return unknown(
      `only a part of the last run's files was applied (${besides.join(", ")}); \`npm run up\` goes on`,
    );
  }
  const actual = await readPresentSchema(client);
  return {
    differences:
      hypertables === undefined
        ? diffSchemas(withoutFigures(recorded.dump), withoutFigures(actual))
        : diffSchemas(withHypertables(recorded.dump, hypertables), actual),
  };
}
