import type { ForcedValue } from "../../../../parameters/formulas/parameter-entry";
import { preloadLibraries } from "../../../../parameters/formulas/tune";
import { collectTunedFacts } from "../../../../parameters/formulas/tuned-parameters";
import type { ServerPlan } from "../../../plan/server-plan";
import type { RdsSpec } from "../../plan/rds-stack";
import { type ApplyMethod, applyMethod, reservedParameters, rdsValue } from "./rds-parameters";
import { type Role, serverParameters, serverVersion } from "./replica-parameters";

/** A parameter in the form of RDS's API. */
interface GroupParameter {
  readonly name: string;
  readonly value: string;
  readonly applyMethod: ApplyMethod;
}

/**
 * Parameters that no setting changes: authentication and the audit log. They override computed values and the stack's
 * own.
 */
export const forcedParameters: Readonly<Record<string, ForcedValue>> = {
  ...Object.fromEntries(collectTunedFacts(({ aws }) => aws?.forced)),
  "rds.force_ssl": { value: "1", why: "a session without TLS could be read in transit" },
  "rds.accepted_password_auth_method": {
    value: "scram",
    why: "an md5 hash is as good as the password",
  },
  shared_preload_libraries: {
    value: [...preloadLibraries("oltp"), "pgaudit"].join(","),
    why: "statement statistics and the audit log need these libraries",
  },
  "pgaudit.log": {
    value: "ddl,role",
    why: "the audit log must show who changed the schema or a role",
  },
  "pgaudit.log_catalog": {
    value: "0",
    why: "clients read the catalog all the time, which would flood the log",
  },
  "pgaudit.log_parameter": {
    value: "0",
    why: "bind parameters are personal data",
  },
  // Minutes. CloudWatch keeps logs longer; on the volume they use the space of the data.
  "rds.log_retention_period": {
    value: "4320",
    why: "logs are in CloudWatch; three days on the volume cover an outage of CloudWatch",
  },
};

/**
 * Parameters of a server's parameter group, sorted by name: the planned ones without those that RDS reserves,
 * overridden by the forced ones.
 */
export function groupParameters(
  database: RdsSpec,
  role: Role,
  primary: ServerPlan,
): GroupParameter[] {
  const majorVersion = serverVersion(database, role);
  const planned = serverParameters(database, role, primary).filter(
    ({ name }) => !reservedParameters.has(name),
  );
  const values: Readonly<Record<string, string>> = {
    ...Object.fromEntries(planned.map(({ name, value }) => [name, rdsValue(name, value)])),
    ...Object.fromEntries(
      Object.entries(forcedParameters).map(([name, { value }]) => [name, value]),
    ),
    // The copy of a major upgrade has another version, so it needs logical replication.
    ...(database.rds.blueGreen ? { "rds.logical_replication": "1" } : {}),
  };
  return Object.entries(values)
    .map(([name, value]) => ({ name, value, applyMethod: applyMethod(name, value, majorVersion) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
