import { secondRegionReplica } from "../../lib/aws/servers/instances";
import type { AwsNames } from "../../lib/aws/names";
import type { Settings } from "../../lib/settings-schema";

/** Whether any server follows the primary, in its own region or in the second one. */
export function hasReplicas(settings: Settings, names: AwsNames): boolean {
  return settings.sark.replicas > 0 || secondRegionReplica(settings, names) !== undefined;
}
