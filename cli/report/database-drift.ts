import { requireHome } from "../../components/homes/plan/registry";
import type { Client } from "pg";
import { readLedger } from "../../components/migrations/runner/ledger";
import {
  readCurrentSchema,
  readRecordedSchema,
} from "../../components/migrations/runner/recorded-schema";
import { readRoleCatalog } from "../../components/roles/role-catalog";
import {
  withPlannedFigures,
  withoutStackFigures,
} from "../../components/hypertables/plan/dump-figures";
import { DATABASES, rolePlan } from "../../components/roles/plan/role-plan";
import { diffRoles } from "../../components/roles/plan/role-diff";
import type { RoleDifference } from "../../components/roles/plan/role-messages";
import { expectedRoles } from "../../components/roles/plan/expected-roles";
import {
  diffSchemas,
  type SchemaDifference,
} from "../../components/database-layer/plan/schema-diff";
import type { ServerOutput, StackOutputs } from "../../components/outputs/outputs";
import type { Engine, StackRef } from "../../engine/engine";
import { withRoute } from "../status/routes";
import { readOutputs } from "../../engine/read-outputs";
import { probeConfig, probe } from "../status/status-probe";

/** Milliseconds for a catalog query: the catalog may be large, or the server busy. The login's own limit is lower. */
const CATALOG_TIMEOUT_MS = 20_000;

/** The differences, or why they are unknown. */
export interface Compared<Difference> {
  readonly differences: readonly Difference[];
  /** Why nothing was compared, a clause; unset if it was compared. */
  readonly note?: string;
}

/** The differences between one database and its definition in the stack. */
export interface DatabaseDrift {
  readonly database: string;
  /** Compared with the dump that the last run recorded. */
  readonly schema: Compared<SchemaDifference>;
  /** Roles of its server, compared with the role plan and the home's own roles. */
  readonly roles: Compared<RoleDifference>;
}

/**
 * Compares the schema of each database with the dump that the last complete run recorded, so that pending migrations
 * are no difference, and compares the roles with the role plan. Does not connect if the stack is not up. Never fails: a
 * part that cannot be compared gets a note.
 */
export async function databaseDriftOf(
  engine: Engine,
  ref: StackRef,
): Promise<readonly DatabaseDrift[]> {
  // Without the state the plan fails too, and reports the cause.
  const outputs = readOutputs(await engine.outputs(ref).catch(() => undefined));
  if (outputs === undefined) return [];
  return Promise.all(Object.values(outputs.servers).map((server) => compare(server, outputs)));
}

async function compare(
  server: ServerOutput,
  { logins }: Pick<StackOutputs, "logins">,
): Promise<DatabaseDrift> {
  const { database } = server;
  const unknown = { differences: [], note: "the stack has no monitor login for it" };
  const login = logins[`${database}_monitor`];
  if (login === undefined) return { database, schema: unknown, roles: unknown };
  let roles: DatabaseDrift["roles"] | undefined;
  const schema = await withRoute(server, server.sslMode, (way) =>
    probe(
      probeConfig(server, way, login, { name: "drift", takes: CATALOG_TIMEOUT_MS }),
      async (client) => {
        // Kept even if the schema cannot be read.
        roles = await compareRoles(client, server, logins[`${database}_admin`]?.user);
        return compareSchema(client, server);
      },
    ),
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
  const expected = expectedRoles(plan, requireHome(home).roles(admin, external === true), admin);
  return { differences: diffRoles(expected, await readRoleCatalog(client)) };
}

async function compareSchema(
  client: Client,
  { hypertables }: ServerOutput,
): Promise<DatabaseDrift["schema"]> {
  const unknown = (note: string) => ({ differences: [], note });
  const recorded = await readRecordedSchema(client);
  if (recorded === undefined) {
    return unknown("no run has recorded it yet; the next `npm run up` records it");
  }
  const applied = (await readLedger(client)).map(({ name }) => name);
  const besides = applied.filter((name) => !recorded.files.includes(name));
  if (besides.length > 0) {
    return unknown(
      `the last run applied only some of its files (${besides.join(", ")}); \`npm run up\` continues`,
    );
  }
  const actual = await readCurrentSchema(client);
  return {
    differences:
      hypertables === undefined
        ? diffSchemas(withoutStackFigures(recorded.dump), withoutStackFigures(actual))
        : diffSchemas(withPlannedFigures(recorded.dump, hypertables), actual),
  };
}
