import { compact } from "../../../text/present";
import type { Backups, ClusteredDatabase } from "./cluster-stack";

/** Limitations of the database that follow from its settings. */
export function limitsOf(
  { synchronous, instances }: ClusteredDatabase,
  { bucket }: Backups,
): readonly string[] {
  return compact(
    instances === 1 && "one server: downtime whenever it restarts or moves to another node",
    instances > 1 &&
      synchronous.replicas === 0 &&
      "asynchronous replication: a failover may lose the latest commits",
    synchronous.replicas > 0 &&
      synchronous.durability === "preferred" &&
      "with too few stand-bys, commits go unconfirmed and a failover may lose them",
    bucket === undefined && "no backups: data lost with the volumes cannot be restored",
  );
}
