import type { Overrides } from "../../../objectives/plan/catalogue";
import { limitProblems } from "../../../objectives/plan/limit-problems";
import type { Problem } from "../../../text/problem";
import type { ServerPlan } from "../../plan/server-plan";
import type { AwsStack, RdsSpec } from "./rds-stack";
import { type TuningInput, tuningProblems } from "../../../parameters/formulas/tune";
import { lagLimits } from "../monitoring/plan/database-alarm-plan";
import { reportSeconds } from "../monitoring/plan/server-alarms";
import { authorityProblems } from "../database/plan/authority-problems";
import { bucketProblems } from "../backups/plan/bucket-problems";
import { classProblems, classTooSmall } from "../database/plan/class-problems";
import { MISSING_AWS_GROUP, accountProblems, recipientProblems } from "./home-problems";
import { type InstanceClass, primaryClass, replicaClass } from "../database/plan/instance-classes";
import { memoryProblems } from "../database/plan/rds-memory";
import { networkSettingProblems } from "../platform/plan/network-problems";
import { hotStandbyProblems, parameterProblems } from "../database/plan/parameter-problems";
import { replicaTuningInput } from "../database/plan/replica-parameters";
import { recoveryProblems, replicaProblems } from "../database/plan/server-problems";
import { storageProblems } from "../database/plan/rds-storage";
import { windowProblems } from "../database/plan/windows";

/**
 * All problems of a stack's settings on AWS.
 * @param now latest allowed time of a point-in-time recovery
 */
export function awsProblems(stack: AwsStack, now: Date = new Date()): readonly Problem[] {
  const { aws, database, tier, backups, clients, protection, monitoring } = stack;
  const onRds = database !== undefined;
  const alarmed = onRds && protection && monitoring.enabled;
  const everywhere = [
    ...(onRds && !aws ? [MISSING_AWS_GROUP] : []),
    ...(aws ? accountProblems(aws, onRds) : []),
    ...(aws && alarmed ? recipientProblems(aws) : []),
    ...bucketProblems(backups, aws, clients.pods),
  ];
  if (!database) return everywhere;
  const { secondRegion } = aws ?? {};
  return [
    ...everywhere,
    ...(aws ? networkSettingProblems(aws, ["aws"]) : []),
    ...(secondRegion?.replica
      ? networkSettingProblems(secondRegion.replica, ["aws", "secondRegion", "replica"])
      : []),
    ...(aws ? authorityProblems(aws) : []),
    ...classProblems(database),
    ...storageProblems(database, tier),
    ...windowProblems(database),
    ...replicaProblems(database, secondRegion?.replica !== undefined),
    ...recoveryProblems(database, now),
    ...parameterProblems(database),
  ];
}

/** Problems of the planned servers on AWS. Only call it when the servers could be planned. */
export function awsPlannedProblems(
  { aws, database, monitoring }: AwsStack,
  primary: ServerPlan,
): readonly Problem[] {
  const machine = database && primaryClass(database);
  if (!machine) return [];
  const own = memoryProblems(database, "primary", machine, primary);
  // A replica with the primary's class and parameters has the same problem, which is reported once.
  const { instanceClass, parameters } = database.rds.replica;
  const differs = instanceClass !== undefined || Object.keys(parameters).length > 0;
  const hasReplicas = database.replicas > 0 || aws?.secondRegion?.replica !== undefined;
  if (!hasReplicas || (own.length > 0 && !differs)) return own;
  return [
    ...own,
    ...plannedReplicaProblems(database, primary),
    ...lagProblems(database, primary, monitoring.objectives),
  ];
}

/** Problems of the stack's own limits of replica-lag beside those that RDS has. */
function lagProblems(
  database: RdsSpec,
  primary: ServerPlan,
  { "replica-lag": own }: Overrides,
): readonly Problem[] {
  const usual = lagLimits(reportSeconds(database, "replica", primary));
  return own ? limitProblems({ "replica-lag": own }, { "replica-lag": usual }) : [];
}

/** Problems of replicas, which must allow as many connections as the primary. */
function plannedReplicaProblems(database: RdsSpec, primary: ServerPlan): readonly Problem[] {
  const machine = replicaClass(database);
  if (machine === undefined) return [];
  const input = replicaTuningInput(database, primary);
  const small = tooSmall(input, machine);
  if (small.length > 0) return small;
  return [
    ...hotStandbyProblems(database, primary),
    ...memoryProblems(database, "replica", machine, primary),
  ];
}

function tooSmall(input: TuningInput, machine: InstanceClass): readonly Problem[] {
  return tuningProblems(input).map((problem) =>
    classTooSmall(problem, input, machine, ["sark", "rds", "replica", "instanceClass"]),
  );
}
