import type { Effect } from "../../components/homes/plan/resource-effects";
import type { PlannedResource } from "../../engine/engine";
import { compact } from "../../components/text/present";
import { leftBehind } from "./left-behind";
import { shortName } from "../../engine/names";
import {
  effectOf,
  holdsData,
  isManagedServer,
  restartCommand,
  restartWindow,
} from "./server-effects";

/**
 * Names the servers that a plan restarts, and when; those that need a restart after it; and the RDS servers that it
 * deletes or leaves behind. One sentence each.
 */
export function restartSentences(resources: readonly PlannedResource[]): readonly string[] {
  const restarting = resources.filter((resource) => changes(resource, "restart"));
  const at = (window: string | undefined) =>
    restarting.filter((resource) => restartWindow(resource) === window);
  const windows = new Set(restarting.map(restartWindow));
  const waiting = waitingServers(resources);
  return [
    ...[...windows].map((window) =>
      window === undefined
        ? `Restarts ${names(at(window))}.`
        : `Restarts ${names(at(window))} in the maintenance window, ${window} UTC.`,
    ),
    ...compact(
      waiting.length > 0 &&
        `Static parameters of ${names(waiting)} need a restart, which this plan does not do.`,
    ),
    ...deletionSentences(resources),
  ];
}

/** Servers with changes that need a restart, which the plan does not do. */
function waitingServers(resources: readonly PlannedResource[]): readonly PlannedResource[] {
  const found = resources.filter((resource) => changes(resource, "waits"));
  return serversOf(found, resources).filter((server) => !changes(server, "restart"));
}

/**
 * What has its old value after a plan was applied: a sentence for each server. A managed service accepts a change at
 * once, and applies it at a restart.
 */
export function notInForce(resources: readonly PlannedResource[]): readonly string[] {
  const waiting = waitingServers(resources).map((server) => {
    const sources = [server.urn, ...server.options.dependencies];
    const paths = resources
      .filter(({ urn }) => sources.includes(urn))
      .flatMap(({ type, changes: all }) =>
        all.flatMap(({ path }) => (effectOf(type, path) === "waits" ? [path] : [])),
      );
    const command = restartCommand(server);
    const how = command === undefined ? "" : ` In a quiet hour, run: ${command}`;
    return `${names([server])} keeps its old values until a restart: ${paths.join(", ")}.${how}`;
  });
  const later = resources.flatMap((resource) => {
    const window = changes(resource, "restart") ? restartWindow(resource) : undefined;
    return window === undefined
      ? []
      : [`${names([resource])} changes in its maintenance window, ${window} UTC.`];
  });
  return [...waiting, ...later];
}

/** Names the deleted RDS servers: their own lines are easily missed between those of their many alarms. */
function deletionSentences(resources: readonly PlannedResource[]): readonly string[] {
  const leaving = resources.filter(
    (resource) => resource.op === "delete" && isManagedServer(resource.type) && holdsData(resource),
  );
  const left = leftBehind(resources);
  const kept = leaving.filter(({ urn }) => left.has(urn));
  const deleted = leaving.filter(({ urn }) => !left.has(urn));
  return compact(
    deleted.length > 0 && `Deletes ${names(deleted)}, and keeps a final snapshot.`,
    kept.length > 0 && `Leaves ${names(kept)} behind, no longer managed by the stack.`,
  );
}

function changes({ op, type, changes: all }: PlannedResource, effect: Effect): boolean {
  return op === "update" && all.some(({ path }) => effectOf(type, path) === effect);
}

/** The servers among these resources, and those that depend on one of them, such as on a parameter group. */
function serversOf(
  found: readonly PlannedResource[],
  resources: readonly PlannedResource[],
): readonly PlannedResource[] {
  const urns = found.map(({ urn }) => urn);
  return resources.filter(
    ({ type, op, urn, options }) =>
      isManagedServer(type) &&
      (op === "same" || op === "update") &&
      [urn, ...options.dependencies].some((each) => urns.includes(each)),
  );
}

function names(resources: readonly PlannedResource[]): string {
  return resources.map(({ urn }) => shortName(urn)).join(", ");
}
