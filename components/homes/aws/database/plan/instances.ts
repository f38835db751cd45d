import type { AwsNames } from "../../plan/aws-names";
import type { AwsSettings, RdsSpec } from "../../plan/rds-stack";

/**
 * Identifiers of the servers on RDS. They are known before a server exists, so that alarms, policies and outputs that
 * name one are plain text in a preview. A rename replaces nothing by itself: who promotes a replica keeps its name.
 */

/** Number of the present servers, from 1: each recovery makes the next. */
export function presentGeneration({ recovery }: RdsSpec): number {
  return recovery?.generation ?? 1;
}

/** `sark-prod`; a server that a recovery made has its number behind it: `sark-prod-2`. */
export function primaryIdentifier(database: RdsSpec, names: AwsNames): string {
  return generationIdentifier(names, presentGeneration(database));
}

/** The primary of another generation. */
export function generationIdentifier({ base }: AwsNames, generation: number): string {
  return generation === 1 ? base : `${base}-${generation}`;
}

/** `sark-prod-replica-1` and so on, as many as the settings ask for in the main region. */
export function replicaIdentifiers(primary: string, replicas: number): readonly string[] {
  return Array.from({ length: replicas }, (_, index) => `${primary}-replica-${index + 1}`);
}

/** The replica in the second region, where the settings ask for one. */
export function secondRegionReplica(
  primary: string,
  { secondRegion }: AwsSettings,
): string | undefined {
  return secondRegion?.replica ? `${primary}-replica-${secondRegion.region}` : undefined;
}
