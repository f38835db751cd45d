import type * as aws from "@pulumi/aws";
import type { AwsNames } from "../plan/aws-names";
import { generationIdentifier } from "./plan/instances";
import type { RdsSpec } from "../plan/rds-stack";

/**
 * Where the data of the present generation comes from: the snapshot that is named, or the backup of another generation,
 * at a time or at its end. RDS reads it once. Undefined for the first generation, which begins empty.
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

/** RDS takes a time in UTC only. */
function inUtc(time: string): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}
