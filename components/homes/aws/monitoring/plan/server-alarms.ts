import type { ServerPlan } from "../../../plan/server-plan";
import type { RdsSpec } from "../../plan/rds-stack";
import type { WatchedServer } from "./alarm-definition";
import { serverClass } from "../../database/plan/instance-classes";
import { GP3, type Volume } from "../../database/plan/rds-storage";
import { type Role, serverParameters } from "../../database/plan/replica-parameters";

const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** Assumed length of a report in seconds, for a replica whose max_standby_streaming_delay is unlimited. */
const LONGEST_REPORT = 900;

/**
 * The facts of a server that its alarms depend on. A promoted replica is monitored as a primary. So is the old primary,
 * which other replicas may still follow.
 * @param made role it was created with, and whether it takes writes: a promoted replica keeps its class and parameters
 * @param replicas number of servers that replicate from it
 */
export function watchedServer(
  database: RdsSpec,
  primary: ServerPlan,
  { allocated, iops, throughput }: Volume,
  { role, acceptsWrites }: { readonly role: Role; readonly acceptsWrites: boolean },
  replicas: number,
): WatchedServer {
  const valueOf = parameterValues(database, role, primary);
  const size = allocated * GiB;
  // MiB. Unlimited WAL may fill the volume, so the alarm uses a tenth of the volume as its limit.
  const walLimit = (name: string) => (valueOf(name) > 0 ? valueOf(name) * MiB : size / 10);
  return {
    role: acceptsWrites ? "primary" : "replica",
    maxConnections: valueOf("max_connections"),
    machine: serverClass(database, role),
    // Without IOPS and throughput of its own, a volume has RDS's minimum.
    volume: {
      size,
      iops: iops ?? GP3.below.iops,
      throughput: throughput ?? GP3.below.throughput,
    },
    wal: { max: walLimit("max_wal_size"), slots: walLimit("max_slot_wal_keep_size") },
    reportSeconds: reportSeconds(database, role, primary),
    replicas,
  };
}

/** Values of a server's parameters by name; -1 for one that is not set. */
function parameterValues(database: RdsSpec, role: Role, primary: ServerPlan) {
  const parameters = serverParameters(database, role, primary);
  return (name: string): number =>
    Number(parameters.find((each) => each.name === name)?.value ?? -1);
}

/** Seconds for which a report may delay replay. */
export function reportSeconds(database: RdsSpec, role: Role, primary: ServerPlan): number {
  const delay = parameterValues(database, role, primary)("max_standby_streaming_delay");
  return delay < 0 ? LONGEST_REPORT : delay / 1000;
}
