import type { Forced } from "../../../../parameters/formulas/parameter-entry";
import { preloadLibraries } from "../../../../parameters/formulas/tune";
import { tunedFacts } from "../../../../parameters/formulas/tuned-parameters";
import type { ServerPlan } from "../../../plan/server-plan";
import type { RdsSpec } from "../../plan/rds-stack";
import { type ApplyMethod, applyMethod, keptParameters, rdsValue } from "./rds-parameters";
import { type Role, serverParameters, serverVersion } from "./replica-parameters";

/** A parameter as RDS's API takes it. */
interface GroupParameter {
  readonly name: string;
  readonly value: string;
  readonly applyMethod: ApplyMethod;
}

/**
 * What no setting changes: who may log in and how, and a log that can be searched for it. They stand over
 * the computed values and a stack's own.
 */
export const forced: Readonly<Record<string, Forced>> = {
  ...Object.fromEntries(tunedFacts(({ aws }) => aws?.forced)),
  "rds.force_ssl": { value: "1", why: "a session without TLS could be read on its way" },
  "rds.accepted_password_auth_method": {
    value: "scram",
    why: "an md5 of a password is as good as the password",
  },
  shared_preload_libraries: {
    value: [...preloadLibraries("oltp"), "pgaudit"].join(","),
    why: "the statistics of statements and the log of who changed what come from these",
  },
  "pgaudit.log": { value: "ddl,role", why: "who changed the schema or a role has to be found" },
  "pgaudit.log_catalog": { value: "0", why: "clients read the catalog all the time" },
  "pgaudit.log_parameter": {
    value: "0",
    why: "values that an application binds are personal data",
  },
  // Minutes. CloudWatch keeps them for longer; here they take space of the data.
  "rds.log_retention_period": {
    value: "4320",
    why: "the log is in CloudWatch, and three days on the volume are for a CloudWatch that fails",
  },
};

/**
 * Parameters of a server's group, sorted by name: the planned ones without what RDS keeps to itself, and the forced ones
 * over them.
 */
export function groupParameters(
  database: RdsSpec,
  role: Role,
  primary: ServerPlan,
): GroupParameter[] {
  const majorVersion = serverVersion(database, role);
  const planned = serverParameters(database, role, primary).filter(
    ({ name }) => !keptParameters.has(name),
  );
  const values: Readonly<Record<string, string>> = {
    ...Object.fromEntries(planned.map(({ name, value }) => [name, rdsValue(name, value)])),
    ...Object.fromEntries(Object.entries(forced).map(([name, { value }]) => [name, value])),
    // The copy of a major upgrade is of another version, so it follows row by row.
    ...(database.rds.blueGreen ? { "rds.logical_replication": "1" } : {}),
  };
  return Object.entries(values)
    .map(([name, value]) => ({ name, value, applyMethod: applyMethod(name, value, majorVersion) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
