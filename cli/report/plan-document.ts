import type { DatabaseDrift } from "./database-drift";
import { gapsOf, isPlan, type DriftCheck } from "./drift-check";
import type { Plan } from "../../engine/engine";
import { pendingMigrations } from "./report-migrations";

/** The document that `preview --json` prints. */
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

/** The document that `drift --json` prints: `incomplete` lists the parts that were not compared. */
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

/** The number of differing objects, and the first 100 of them with up to 50 lines each. */
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

/** Omits `changes`, which describes `changedKeys` and `inputs` for a person. */
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
