import { restartNeeded } from "../../../../parameters/restart-needed";
import type { ResourceEffects } from "../../../plan/resource-effects";
import { rdsParameters } from "./rds-parameters";

/**
 * Properties of a server on RDS whose change stops it for a while: RDS user guide, "Settings for DB instances". Letting
 * go of its source promotes a replica, which restarts it.
 */
const RESTARTS = [
  "instanceClass",
  "engineVersion",
  "port",
  "identifier",
  "dbSubnetGroupName",
  "networkType",
  "replicateSourceDb",
];

/** Properties that RDS changes in no server: its provider makes another one. Those that the program ignores are left out. */
const REPLACES = ["engine", "dbName", "username", "storageEncrypted"];

const PARAMETER = /^parameters(?:\.|\[")([\w.]+?)(?:"\]|\.value|\.applyMethod|$)/;

export const rdsEffects: readonly ResourceEffects[] = [
  {
    type: "aws:rds/instance:Instance",
    // A replica's data is its primary's.
    holdsData: (inputs) => inputs["replicateSourceDb"] === undefined,
    effect: (path) => {
      if (RESTARTS.includes(path)) return "restart";
      if (path === "parameterGroupName") return "waits";
      return REPLACES.includes(path) ? "replace" : undefined;
    },
    // RDS promotes a replica at once in any case.
    window: (inputs, paths) =>
      inputs["applyImmediately"] === true || paths.includes("replicateSourceDb")
        ? undefined
        : String(inputs["maintenanceWindow"]),
    managedServer: true,
  },
  {
    type: "aws:rds/parameterGroup:ParameterGroup",
    effect: (path) => {
      const parameter = PARAMETER.exec(path)?.[1];
      if (parameter === undefined) return undefined;
      const known = rdsParameters.get(parameter);
      const waits = known ? known.apply === "static" : restartNeeded(parameter);
      return waits ? "waits" : undefined;
    },
  },
  { type: "aws:s3/bucket:Bucket", holdsData: () => true },
];
