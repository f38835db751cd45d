import type { Problem } from "../../../text/problem";
import type { DatabaseName } from "../../../roles/plan/role-plan";
import type { ServerPlan } from "../../plan/server-plan";
import type { Settings } from "../../../settings/plan/settings-schema";
import { type TuningInput, tuningProblems } from "../../../parameters/formulas/tune";
import { authorityProblems } from "../database/plan/authority-problems";
import { bucketProblems } from "../backups/plan/bucket-problems";
import { classProblems, classTooSmall } from "../database/plan/class-problems";
import { accountProblems, homeProblems } from "./home-problems";
import { type InstanceClass, primaryClass, replicaClass } from "../database/plan/instance-classes";
import { memoryProblems } from "../database/plan/rds-memory";
import { givenProblems } from "../platform/plan/network-problems";
import { followingProblems, parameterProblems } from "../database/plan/parameter-problems";
import { replicaInput } from "../database/plan/replica-parameters";
import { recoveryProblems, replicaProblems } from "../database/plan/server-problems";
import { storageProblems } from "../database/plan/rds-storage";
import { windowProblems } from "../database/plan/windows";

/**
 * Everything in a stack's settings that cannot work on AWS.
 * @param now what a point in time to recover to is compared with
 */
export function awsProblems(settings: Settings, now: Date = new Date()): readonly Problem[] {
  const { sark, aws } = settings;
  const everywhere = [
    ...homeProblems(settings),
    ...accountProblems(settings),
    ...bucketProblems(settings),
  ];
  if (sark.home !== "aws") return everywhere;
  const { secondRegion } = aws ?? {};
  return [
    ...everywhere,
    ...(aws ? givenProblems(aws, ["aws"]) : []),
    ...(secondRegion?.replica
      ? givenProblems(secondRegion.replica, ["aws", "secondRegion", "replica"])
      : []),
    ...authorityProblems(settings),
    ...classProblems(settings),
    ...storageProblems(settings),
    ...windowProblems(settings),
    ...replicaProblems(settings),
    ...recoveryProblems(settings, now),
    ...parameterProblems(settings),
  ];
}

/** The same, of what was computed for the servers. Only call it when the servers could be planned. */
export function awsPlannedProblems(
  settings: Settings,
  servers: Readonly<Record<DatabaseName, ServerPlan>>,
): readonly Problem[] {
  const machine = primaryClass(settings);
  if (settings.sark.home !== "aws" || machine === undefined) return [];
  const primary = servers.sark;
  const own = memoryProblems(settings, "primary", machine, primary);
  // A replica that differs in nothing has the same problem, which is told once.
  const { instanceClass, parameters } = settings.sark.rds.replica;
  const differs = instanceClass !== undefined || Object.keys(parameters).length > 0;
  return own.length > 0 && !differs ? own : [...own, ...followerProblems(settings, primary)];
}

/** Replicas whose class is too small for the connections that they have to allow, as the primary does. */
function followerProblems(settings: Settings, primary: ServerPlan): readonly Problem[] {
  const machine = replicaClass(settings);
  const none = settings.sark.replicas === 0 && !settings.aws?.secondRegion?.replica;
  if (machine === undefined || none) return [];
  const input = replicaInput(settings, primary);
  const small = tooSmall(input, machine);
  if (small.length > 0) return small;
  return [
    ...followingProblems(settings, primary),
    ...memoryProblems(settings, "replica", machine, primary),
  ];
}

function tooSmall(input: TuningInput, machine: InstanceClass): readonly Problem[] {
  return tuningProblems(input).map((problem) =>
    classTooSmall(problem, input, machine, ["sark", "rds", "replica", "instanceClass"]),
  );
}
