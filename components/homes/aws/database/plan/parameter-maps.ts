import type { MajorVersion } from "../../../../parameters/parameters";
import type { ParameterValue } from "../../../../parameters/known/parameter-facts";
import { describeServer } from "../../../plan/describe-server";
import type { ServerPlan } from "../../../plan/server-plan";
import { planServers } from "../../../plan/stack-plan";
import { completeSize } from "../../../../settings/plan/database-settings";
import type { Settings } from "../../../../settings/plan/settings-schema";
import type { Forced } from "../../../../parameters/formulas/parameter-entry";
import {
  type ParameterSet,
  preloadLibraries,
  tune,
  withOverrides,
} from "../../../../parameters/formulas/tune";
import { tunedFacts } from "../../../../parameters/formulas/tuned-parameters";
import { type ApplyMethod, applyMethod, keptParameters, rdsValue } from "./rds-parameters";
import { replicaParameters } from "./replica-parameters";

/** Which server a group of parameters is for. */
export type Role = "primary" | "replica";

/** A parameter as RDS's API takes it. */
interface GroupParameter {
  readonly name: string;
  readonly value: string;
  readonly applyMethod: ApplyMethod;
}

/** The parameters of a server on RDS. */
export interface ParameterGroup {
  /** `postgres18`. */
  readonly family: string;
  /** Sorted by name. */
  readonly parameters: readonly GroupParameter[];
}

/** Values by the name of the parameter, as RDS takes them. */
export type ParameterMap = Readonly<Record<string, string>>;

/**
 * What no setting changes: who may log in and how, and a log that can be searched for it. They are the last of the three
 * maps, over the computed ones and a stack's own.
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

/** What tuning computed for a server's class and connections, without what RDS keeps to itself. */
export function defaults(settings: Settings, role: Role, majorVersion: MajorVersion): ParameterMap {
  return mapped(computed(settings, role, majorVersion));
}

/** A stack's own parameters: of the primary, which its replicas have as well, and those of the replicas over them. */
export function users(settings: Settings, role: Role, majorVersion: MajorVersion): ParameterMap {
  const own = withOverrides([], { majorVersion, build: "rds" }, given(settings, role));
  return mapped(own);
}

/** The three maps as one, each over the one before. */
export function parameterGroup(
  settings: Settings,
  role: Role,
  majorVersion: MajorVersion,
): ParameterGroup {
  const values: ParameterMap = {
    ...defaults(settings, role, majorVersion),
    ...users(settings, role, majorVersion),
    ...Object.fromEntries(Object.entries(forced).map(([name, { value }]) => [name, value])),
    // The copy of a major upgrade is of another version, so it follows row by row.
    ...(settings.sark.rds.blueGreen ? { "rds.logical_replication": "1" } : {}),
  };
  return {
    family: `postgres${majorVersion}`,
    parameters: Object.entries(values)
      .map(([name, value]) => ({
        name,
        value,
        applyMethod: applyMethod(name, value, majorVersion),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** The same, of a server that is planned, in PostgreSQL's own terms: for sums of memory. */
export function plannedParameters(settings: Settings, role: Role): ParameterSet {
  const { majorVersion, rds } = settings.sark;
  const major = role === "replica" ? (rds.replica.majorVersion ?? majorVersion) : majorVersion;
  const described = { majorVersion: major, build: "rds" } as const;
  return withOverrides(computed(settings, role, major), described, given(settings, role));
}

/** What a stack sets itself, for a role. */
function given({ sark }: Settings, role: Role): Readonly<Record<string, ParameterValue>> {
  return role === "primary"
    ? sark.parameters
    : { ...sark.parameters, ...sark.rds.replica.parameters };
}

/** The primary's plan; with it the replicas' parameters are compared. */
export function primaryPlan(settings: Settings): ServerPlan {
  // No share of this machine is asked for: RDS has classes.
  return planServers(settings, completeSize(undefined)).sark;
}

function computed(settings: Settings, role: Role, majorVersion: MajorVersion): ParameterSet {
  const { sark } = settings;
  const own = { ...settings, sark: { ...sark, majorVersion } };
  if (role === "replica") {
    return replicaParameters(
      { ...own, sark: { ...own.sark, rds: withReplicaVersion(sark.rds, majorVersion) } },
      primaryPlan(own),
    );
  }
  return tune(describeServer(own, "sark", completeSize(undefined)).tuning);
}

function withReplicaVersion(
  rds: Settings["sark"]["rds"],
  majorVersion: MajorVersion,
): Settings["sark"]["rds"] {
  return { ...rds, replica: { ...rds.replica, majorVersion } };
}

function mapped(parameters: ParameterSet): ParameterMap {
  return Object.fromEntries(
    parameters
      .filter(({ name }) => !keptParameters.has(name))
      .map(({ name, value }) => [name, rdsValue(name, value)]),
  );
}
