import { restartNeeded } from "../../../../parameters/restart-needed";
import type { ResourceEffects } from "../../../plan/resource-effects";
import { rdsParameters } from "./rds-parameters";

/**
 * Instance properties whose change causes downtime: RDS user guide, "Settings for DB instances". Removing the
 * replication source promotes a replica, which restarts it.
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

/**
 * Properties that RDS cannot change, so the provider replaces the server. Properties in `ignoreChanges` are left out.
 */
const REPLACES = ["engine", "dbName", "username", "storageEncrypted"];

const PARAMETER = /^parameters(?:\.|\[")([\w.]+?)(?:"\]|\.value|\.applyMethod|$)/;

/** Effects of changes on AWS resources, for the preview. */
export const rdsEffects: readonly ResourceEffects[] = [
  {
    type: "aws:rds/instance:Instance",
    // A replica has no data of its own.
    holdsData: (inputs) => inputs["replicateSourceDb"] === undefined,
    effect: (path) => {
      if (RESTARTS.includes(path)) return "restart";
      if (path === "parameterGroupName") return "waits";
      return REPLACES.includes(path) ? "replace" : undefined;
    },
    // RDS always promotes a replica at once.
    restartWindow: (inputs, paths) =>
      inputs["applyImmediately"] === true || paths.includes("replicateSourceDb")
        ? undefined
        : String(inputs["maintenanceWindow"]),
    restartCommand: ({ identifier }) =>
      `aws rds reboot-db-instance --db-instance-identifier ${String(identifier)}`,
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
