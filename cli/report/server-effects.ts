import { HOMES } from "../../components/homes/plan/registry";
import type { Effect, ResourceEffects } from "../../components/homes/plan/resource-effects";
import type { PlannedResource } from "../../engine/engine";

/** The effects on a server of a change of this resource type, as the home declares them. */
function effectsOn(type: string): ResourceEffects | undefined {
  return ALL.find((each) => type.endsWith(each.type));
}

const ALL = Object.values(HOMES).flatMap(({ effects }) => effects);

/** Whether the resource is a server or storage whose data is deleted with it. */
export function holdsData({ type, inputs }: Pick<PlannedResource, "type" | "inputs">): boolean {
  return effectsOn(type)?.holdsData?.(inputs) === true;
}

/** The effect on the server of a change at this path. */
export function effectOf(type: string, path: string): Effect | undefined {
  return effectsOn(type)?.effect?.(path);
}

/** The maintenance window in which a change restarts the server; undefined for at once. */
export function restartWindow({ type, inputs, changes }: PlannedResource): string | undefined {
  return effectsOn(type)?.restartWindow?.(
    inputs,
    changes.map(({ path }) => path),
  );
}

/** The command that restarts a server of a managed service. */
export function restartCommand({ type, inputs }: PlannedResource): string | undefined {
  return effectsOn(type)?.restartCommand?.(inputs);
}

/** Whether it is a server of a managed service: its parameters are a resource of their own. */
export function isManagedServer(type: string): boolean {
  return effectsOn(type)?.managedServer === true;
}
