import { compact } from "../../../../text/present";
import type { Problem } from "../../../../text/problem";
import { settingKey } from "../../../../settings/plan/setting-key";
import type { RdsSpec } from "../../plan/rds-stack";

const key = (...path: readonly string[]) => settingKey(["sark", ...path]);

/**
 * Problems of replicas that could not replicate, and of promotions of a replica that does not exist.
 * @param secondRegionReplica whether the second region has a replica
 */
export function replicaProblems(
  database: RdsSpec,
  secondRegionReplica: boolean,
): readonly Problem[] {
  const { majorVersion, replicas, rds } = database;
  const { promoted, replica } = rds;
  const replicaCount = replicas + (secondRegionReplica ? 1 : 0);
  const hasReplicas = replicaCount > 0;
  const own = Object.keys(replica.parameters);
  return compact<Problem>(
    replica.majorVersion !== undefined &&
      replica.majorVersion !== majorVersion &&
      (promoted === undefined || replicaCount > 1) && {
        key: key("rds", "replica", "majorVersion"),
        value: replica.majorVersion,
        allowed: `${majorVersion}, like sark.majorVersion, unless the only replica is promoted`,
        why: "a replica replays the primary's WAL, which only the same major version can read",
      },
    typeof promoted === "number" &&
      promoted > replicas && {
        key: key("rds", "promoted"),
        value: promoted,
        allowed: replicas === 0 ? "nothing without replicas" : `1 to ${replicas}`,
        why: `the main region has ${replicas} replicas`,
      },
    promoted === "second-region" &&
      !secondRegionReplica && {
        key: key("rds", "promoted"),
        value: promoted,
        allowed: "the number of a replica, unless aws.secondRegion.replica is set",
        why: "the second region has no replica",
      },
    rds.blueGreen &&
      hasReplicas && {
        key: key("rds", "blueGreen"),
        value: "true",
        allowed: "false, with a replica",
        why: "replicas would keep replicating from the old server, which is deleted after the switchover",
      },
    own.length > 0 &&
      !hasReplicas && {
        key: key("rds", "replica", "parameters"),
        value: own.join(", "),
        allowed: "nothing without replicas",
        why: "they would silently have no effect",
      },
  );
}

/**
 * Problems of a recovery. A time older than the backups is not refused: the setting stays after the recovery is done.
 * @param now latest allowed point in time
 */
export function recoveryProblems({ recovery, rds }: RdsSpec, now: Date): readonly Problem[] {
  if (recovery === undefined) {
    return compact(
      rds.snapshot !== undefined && {
        key: key("rds", "snapshot"),
        value: rds.snapshot,
        allowed: "nothing without sark.recovery",
        why: "a snapshot is restored into a new server, which needs the next generation",
      },
    );
  }
  const { generation, from, time } = recovery;
  const beside = (name: string, value: number | string | undefined) =>
    rds.snapshot !== undefined &&
    value !== undefined && {
      key: key("recovery", name),
      value,
      allowed: "nothing together with rds.snapshot",
      why: "a snapshot already fixes the server and the time",
    };
  return compact<Problem>(
    from !== undefined &&
      from >= generation && {
        key: key("recovery", "from"),
        value: from,
        allowed: `less than generation (${generation})`,
        why: "a server is restored from a backup of an earlier generation",
      },
    time !== undefined &&
      new Date(time) > now && {
        key: key("recovery", "time"),
        value: time,
        allowed: "a time in the past",
        why: "backups contain only past changes",
      },
    beside("from", from),
    beside("time", time),
  );
}
