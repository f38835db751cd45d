import { secondRegionReplica } from "./plan/instances";
import type { AwsNames } from "../plan/aws-names";
import type { Settings } from "../../../settings/plan/settings-schema";

/** Whether any server follows the primary, in its own region or in the second one. */
export function hasReplicas(settings: Settings, names: AwsNames): boolean {
  return settings.sark.replicas > 0 || secondRegionReplica(settings, names) !== undefined;
}
