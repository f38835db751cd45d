import type * as aws from "@pulumi/aws";
import { volume } from "./plan/rds-storage";
import type { Settings } from "../../../settings/plan/settings-schema";

/** The volume of a server but for its size: a replica has that of its source, and is not told. */
export function volumeInputs(settings: Settings) {
  const { maximum, iops, throughput } = volume(settings);
  return {
    storageType: "gp3",
    maxAllocatedStorage: maximum,
    iops,
    storageThroughput: throughput,
  } satisfies Partial<aws.rds.InstanceArgs>;
}
