import type { AwsNames } from "../../plan/aws-names";
import type { AwsSettings, DatabaseSettings } from "../../plan/rds-stack";

/**
 * Identifiers of the servers on RDS. They are known before a server exists, so that alarms, policies and outputs that
 * name one are plain text in a preview. A rename replaces nothing by itself: who promotes a replica keeps its name.
 */

/** Number of the present servers, from 1: each recovery makes the next. */
export function presentGeneration({ recovery }: DatabaseSettings): number {
  return recovery?.generation ?? 1;
}

/** `sark-prod`; a server that a recovery made has its number behind it: `sark-prod-2`. */
export function primaryIdentifier(database: DatabaseSettings, names: AwsNames): string {
  return generationIdentifier(names, presentGeneration(database));
}

/** The primary of another generation. */
export function generationIdentifier({ base }: AwsNames, generation: number): string {
  return generation === 1 ? base : `${base}-${generation}`;
}

/** `sark-prod-replica-1` and so on, as many as the settings ask for in the main region. */
export function replicaIdentifiers(database: DatabaseSettings, names: AwsNames): readonly string[] {
  const primary = primaryIdentifier(database, names);
  return Array.from({ length: database.replicas }, (_, index) =>
    replicaIdentifier(primary, index + 1),
  );
}

/** @param number from 1 */
function replicaIdentifier(primary: string, number: number): string {
  return `${primary}-replica-${number}`;
}

/** The replica in the second region, where the settings ask for one. */
export function secondRegionReplica(
  database: DatabaseSettings,
  { secondRegion }: AwsSettings,
  names: AwsNames,
): string | undefined {
  if (!secondRegion?.replica) return undefined;
  return `${primaryIdentifier(database, names)}-replica-${secondRegion.region}`;
}
