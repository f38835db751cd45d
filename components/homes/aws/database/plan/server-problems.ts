import { present } from "../../../../text/present";
import type { Problem } from "../../../../text/problem";
import { settingKey } from "../../../../settings/plan/setting-key";
import type { RdsSpec } from "../../plan/rds-stack";

const key = (...path: readonly string[]) => settingKey(["sark", ...path]);

/**
 * Replicas that could not follow, and promotions of what is not there.
 * @param elsewhere whether the second region has a replica
 */
export function replicaProblems(database: RdsSpec, elsewhere: boolean): readonly Problem[] {
  const { majorVersion, replicas, rds } = database;
  const { promoted, replica } = rds;
  const made = replicas + (elsewhere ? 1 : 0);
  const followers = made > 0;
  const own = Object.keys(replica.parameters);
  return present<Problem>(
    replica.majorVersion !== undefined &&
      replica.majorVersion !== majorVersion &&
      (promoted === undefined || made > 1) && {
        key: key("rds", "replica", "majorVersion"),
        value: replica.majorVersion,
        allowed: `${majorVersion}, as sark.majorVersion says, unless the only replica is promoted`,
        why: "a replica reads the primary's log, which no other major version can",
      },
    typeof promoted === "number" &&
      promoted > replicas && {
        key: key("rds", "promoted"),
        value: promoted,
        allowed: replicas === 0 ? "nothing without replicas" : `1 to ${replicas}`,
        why: `there are ${replicas} replicas in this region`,
      },
    promoted === "second-region" &&
      !elsewhere && {
        key: key("rds", "promoted"),
        value: promoted,
        allowed: "the number of a replica, unless aws.secondRegion.replica is there",
        why: "there is no replica in a second region",
      },
    rds.blueGreen &&
      followers && {
        key: key("rds", "blueGreen"),
        value: "true",
        allowed: "false, with a replica",
        why: "replicas would go on following the server that RDS switches away from and deletes",
      },
    own.length > 0 &&
      !followers && {
        key: key("rds", "replica", "parameters"),
        value: own.join(", "),
        allowed: "nothing without replicas",
        why: "they would have no effect, and nobody would know",
      },
  );
}

/**
 * Recoveries that could not be made. What is older than the backups is not refused: the setting stays when its recovery
 * is long over.
 * @param now what a point in time is compared with
 */
export function recoveryProblems({ recovery, rds }: RdsSpec, now: Date): readonly Problem[] {
  if (recovery === undefined) {
    return present(
      rds.snapshot !== undefined && {
        key: key("rds", "snapshot"),
        value: rds.snapshot,
        allowed: "nothing without sark.recovery",
        why: "a snapshot is restored into a new server, which takes the next number",
      },
    );
  }
  const { generation, from, time } = recovery;
  const beside = (name: string, value: number | string | undefined) =>
    rds.snapshot !== undefined &&
    value !== undefined && {
      key: key("recovery", name),
      value,
      allowed: "nothing beside rds.snapshot",
      why: "a snapshot is one moment of one server, and nothing else is asked",
    };
  return present<Problem>(
    from !== undefined &&
      from >= generation && {
        key: key("recovery", "from"),
        value: from,
        allowed: `less than generation, ${generation}`,
        why: "a server is made from the backup of one before it",
      },
    time !== undefined &&
      new Date(time) > now && {
        key: key("recovery", "time"),
        value: time,
        allowed: "a time that has passed",
        why: "there is no backup of what has not happened",
      },
    beside("from", from),
    beside("time", time),
  );
}
