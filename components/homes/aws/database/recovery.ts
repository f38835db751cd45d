import type * as aws from "@pulumi/aws";
import type { AwsNames } from "../plan/aws-names";
import { generationIdentifier } from "./plan/rds-identifiers";
import type { RdsSpec } from "../plan/rds-stack";

/**
 * Source of the current generation's data: the snapshot in the settings, or the backup of another generation, at a
 * point in time or at its latest. RDS reads it once. Undefined for the first generation, which starts empty.
 */
export function recoverySource(
  { recovery, rds }: RdsSpec,
  names: AwsNames,
): Partial<aws.rds.InstanceArgs> | undefined {
  if (!recovery) return undefined;
  if (rds.snapshot !== undefined) return { snapshotIdentifier: rds.snapshot };
  const { generation, from = generation - 1, time } = recovery;
  return {
    restoreToPointInTime: {
      sourceDbInstanceIdentifier: generationIdentifier(names, from),
      ...(time === undefined ? { useLatestRestorableTime: true } : { restoreTime: inUtc(time) }),
    },
  };
}

/** RDS accepts times in UTC only. */
function inUtc(time: string): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}
