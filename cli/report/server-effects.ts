import { rdsParameters } from "../../components/homes/aws/database/plan/rds-parameters";
import { majorVersions, parameterFacts } from "../../components/parameters/parameters";
import type { PlannedResource } from "../../engine/engine";

/** What a change of a resource means for the server that it describes. */

export const CLUSTER = "kubernetes:postgresql.cnpg.io/v1:Cluster";
export const RDS_INSTANCE = "aws:rds/instance:Instance";
const RDS_PARAMETERS = "aws:rds/parameterGroup:ParameterGroup";

/** Whether the resource is a server, or storage, whose data goes with it. A replica's data is its primary's. */
export function holdsData({ type, inputs }: Pick<PlannedResource, "type" | "inputs">): boolean {
  if (type === RDS_INSTANCE) return inputs["replicateSourceDb"] === undefined;
  return (
    /:(PostgresServer|TimescaleServer)$/.test(type) ||
    type === CLUSTER ||
    /^aws:s3\/bucket:/.test(type)
  );
}

/** Fields of a cluster whose change the operator carries out by new pods, one after another. */
const ROLLS_OUT = /^spec\.(imageName|resources|affinity|postgresql\.shared_preload_libraries)\b/;

const CLUSTER_PARAMETER = /^spec\.postgresql\.parameters(?:\.|\[")([\w.]+)/;

/**
 * Properties of a server on RDS whose change stops it for a while: RDS user guide, "Settings for DB instances". Letting
 * go of its source promotes a replica, which restarts it.
 */
const RDS_RESTARTS = [
  "instanceClass",
  "engineVersion",
  "port",
  "identifier",
  "dbSubnetGroupName",
  "networkType",
  "replicateSourceDb",
];

/** Properties that RDS changes in no server: its provider makes another one. Those that the program ignores are left out. */
const RDS_REPLACES = ["engine", "dbName", "username", "storageEncrypted"];

/** Whether the change at this path of a resource restarts its server. */
export function restartsServer(type: string, path: string): boolean {
  if (type === RDS_INSTANCE) return RDS_RESTARTS.includes(path);
  if (type !== CLUSTER) return path.includes(".restart.");
  const parameter = CLUSTER_PARAMETER.exec(path)?.[1];
  return parameter === undefined ? ROLLS_OUT.test(path) : needsRestart(parameter);
}

/** Whether the change at this path waits for a restart that nobody makes for its sake: RDS makes none. */
export function waitsForRestart(type: string, path: string): boolean {
  if (type === RDS_INSTANCE) return path === "parameterGroupName";
  if (type !== RDS_PARAMETERS) return false;
  const parameter = /^parameters(?:\.|\[")([\w.]+?)(?:"\]|\.value|\.applyMethod|$)/.exec(path)?.[1];
  if (parameter === undefined) return false;
  const known = rdsParameters.get(parameter);
  return known ? known.apply === "static" : needsRestart(parameter);
}

/** Whether the change at this path is made by a new server in place of the one that there is. */
export function replacesServer(type: string, path: string): boolean {
  return type === RDS_INSTANCE && RDS_REPLACES.includes(path);
}

/** When a server is restarted for a change; undefined for at once, as which RDS promotes a replica in any case. */
export function restartWindow({ type, inputs, changes }: PlannedResource): string | undefined {
  if (type !== RDS_INSTANCE || inputs["applyImmediately"] === true) return undefined;
  if (changes.some(({ path }) => path === "replicateSourceDb")) return undefined;
  return String(inputs["maintenanceWindow"]);
}

/** By the facts of the newest server that knows the parameter. */
function needsRestart(parameter: string): boolean {
  for (const major of [...majorVersions].reverse()) {
    try {
      return parameterFacts(major, parameter).restart;
    } catch {
      // A parameter of an older server.
    }
  }
  return true;
}
