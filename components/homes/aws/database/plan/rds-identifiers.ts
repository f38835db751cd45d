import type { AwsNames } from "../../plan/aws-names";
import type { AwsSettings, RdsSpec } from "../../plan/rds-stack";

/**
 * Identifiers of the RDS servers. They are known before a server exists, so alarms, policies and outputs that name one
 * are plain text in a preview. A promoted replica keeps its identifier.
 */

/** Generation of the current servers, from 1: each recovery creates the next. */
export function currentGeneration({ recovery }: RdsSpec): number {
  return recovery?.generation ?? 1;
}

/** Identifier of the primary: `sark-prod`, or with its generation after a recovery: `sark-prod-2`. */
export function primaryIdentifier(database: RdsSpec, names: AwsNames): string {
  return generationIdentifier(names, currentGeneration(database));
}

/** Identifier of the primary of a generation. */
export function generationIdentifier({ base }: AwsNames, generation: number): string {
  return generation === 1 ? base : `${base}-${generation}`;
}

/** Identifiers of the replicas in the main region: `sark-prod-replica-1` and so on. */
export function replicaIdentifiers(primary: string, replicas: number): readonly string[] {
  return Array.from({ length: replicas }, (_, index) => `${primary}-replica-${index + 1}`);
}

/** Identifier of the replica in the second region; undefined if the settings ask for none. */
export function secondRegionReplicaIdentifier(
  primary: string,
  { secondRegion }: AwsSettings,
): string | undefined {
  return secondRegion?.replica ? `${primary}-replica-${secondRegion.region}` : undefined;
}
