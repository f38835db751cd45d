import type { ServerPlan } from "../../../plan/server-plan";
import type { RdsSpec } from "../../plan/rds-stack";
import type { WatchedServer } from "./shape";
import { serverClass } from "../../database/plan/instance-classes";
import { GP3, type Volume } from "../../database/plan/rds-storage";
import { type Role, serverParameters } from "../../database/plan/replica-parameters";

const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** Seconds; of a replica that would wait for a report without end. */
const LONGEST_REPORT = 900;

/**
 * What alarms depend on of a server. One that was promoted is watched as a primary, and so is the one before it, which
 * others may still follow.
 * @param made how: a promoted replica keeps its class and its parameters, and takes writes
 * @param replicas servers that follow it
 */
export function watchedServer(
  database: RdsSpec,
  primary: ServerPlan,
  { allocated, iops, throughput }: Volume,
  { role, writes }: { readonly role: Role; readonly writes: boolean },
  replicas: number,
): WatchedServer {
  const parameters = serverParameters(database, role, primary);
  const valueOf = (name: string) =>
    Number(parameters.find((each) => each.name === name)?.value ?? -1);
  const size = allocated * GiB;
  // MiB. A log without a bound may fill the volume: a tenth of it is a sign.
  const log = (name: string) => (valueOf(name) > 0 ? valueOf(name) * MiB : size / 10);
  const held = valueOf("max_standby_streaming_delay");
  return {
    role: writes ? "primary" : "replica",
    maxConnections: valueOf("max_connections"),
    machine: serverClass(database, role),
    // Without a speed of its own a volume has the least that RDS makes.
    volume: {
      size,
      iops: iops ?? GP3.below.iops,
      throughput: throughput ?? GP3.below.throughput,
    },
    wal: { max: log("max_wal_size"), slots: log("max_slot_wal_keep_size") },
    reportSeconds: held < 0 ? LONGEST_REPORT : held / 1000,
    replicas,
  };
}
