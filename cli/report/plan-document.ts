import type { DatabaseDrift } from "./database-drift";
import { gapsOf, isPlan, type DriftCheck } from "./drift-check";
import type { Plan } from "../../engine/engine";
import { pendingMigrations } from "./report-migrations";

/** What `preview --json` prints. */
export function planDocument(plan: Plan, databases: readonly DatabaseDrift[]): object {
  const { engine, stack, resources, outputs, unchecked } = plan;
  const pending = pendingMigrations(plan);
  return {
    ...{ engine, stack, resources: resources.map(withoutChanges), outputs },
    ...(Object.keys(pending).length > 0 && { pendingMigrations: pending }),
    ...(databases.length > 0 && { schemaDrift: databases.map(schemaDocument) }),
    ...(unchecked.length > 0 && { unchecked }),
  };
}

/** What `drift --json` prints: `incomplete` lists what was not compared. */
export function driftDocument(check: DriftCheck): object {
  const { plan, databases } = check;
  const gaps = gapsOf(check);
  return {
    ...(isPlan(plan)
      ? planDocument(plan, databases)
      : {
          ...{ engine: plan.engine, stack: plan.stack },
          ...(databases.length > 0 && { schemaDrift: databases.map(schemaDocument) }),
        }),
    ...(databases.length > 0 && {
      roleDrift: databases.map(({ database, roles }) => ({ database, ...roles })),
    }),
    ...(gaps.length > 0 && { incomplete: gaps }),
  };
}

/** The first 100 objects, of each the first 50 lines, and how many objects there are in all. */
function schemaDocument({ database, schema: { differences, note } }: DatabaseDrift): object {
  return {
    database,
    objects: differences.length,
    differences: differences.slice(0, 100).map(({ object, kind, missing, foreign }) => ({
      ...{ object, kind },
      ...{ missing: missing.slice(0, 50), foreign: foreign.slice(0, 50) },
    })),
    ...(note !== undefined && { note }),
  };
}

/** `changes` says in words what `changedKeys` and `inputs` say to a program. */
function withoutChanges({
  urn,
  type,
  op,
  changedKeys,
  inputs,
  options,
}: Plan["resources"][number]) {
  return { urn, type, op, changedKeys, inputs, options };
}
