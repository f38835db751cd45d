import { REPLICATION, SUPERUSER } from "../../../roles/plan/home-roles";
import { UNUSED_DATABASES } from "../../../roles/plan/public-rights-plan";
import { completeSize, databaseSettings } from "../../../settings/plan/database-settings";
import { settingKey } from "../../../settings/plan/settings-problems";
import type { Settings } from "../../../settings/plan/settings-schema";
import { present } from "../../../text/present";
import type { Problem } from "../../../text/problem";
import type { Home } from "../../plan/home";
import type { Effect } from "../../plan/resource-effects";
import { localRefusal } from "./local-parameters";

/** Servers as processes of this machine, or in place of the embedded TimescaleDB one that somebody else runs. */
export const localHome: Home = {
  isUsed: (_settings, { databases }) => databases.length > 0,
  workloads: "local",
  // PgBouncer is stopped before its successor starts.
  pool: { single: true, surge: 0 },
  // initdb's default is 16 MB.
  kind: { build: "plain", walSegment: 16, refusal: localRefusal },
  onThisMachine: true,
  deleted: "lost",
  effects: [
    { type: ":PostgresServer", holdsData: () => true, effect: restarts },
    { type: ":TimescaleServer", holdsData: () => true },
    { type: ":PostgresReplica", effect: restarts },
  ],
  problems,

  describe: (settings, database, share) => {
    const { size, replicas } = databaseSettings(settings, database);
    const complete = completeSize(size);
    const external = database === "sark_audit" && settings.audit.external !== undefined;
    return {
      // A server that exists has nothing to do with this machine's memory.
      size: size === undefined && !external ? { ...complete, ...share } : complete,
      replicas,
      // Neither the embedded TimescaleDB nor a server that exists takes parameters from the stack.
      tuned: database === "sark",
      load: external ? settings.application.tier : "developer",
    };
  },

  // The embedded TimescaleDB and somebody else's server have the size that they have.
  runs: ({ sark }, database, { size: { memory, vcpus } }) =>
    database === "sark"
      ? { vcpus, memory, standBys: 0, replicas: sark.replicas, backupDays: 0 }
      : { standBys: 0, replicas: 0, backupDays: 0 },

  roles: (admin, external) =>
    external
      ? {
          roles: { [admin]: { attributes: {} } },
          whole: false,
          ownsDatabase: false,
          connect: [],
        }
      : {
          roles: {
            [admin]: { attributes: SUPERUSER, memberOf: {} },
            sark_replication: { attributes: REPLICATION, memberOf: {} },
          },
          whole: true,
          ownsDatabase: true,
          connect: [],
          closed: { databases: UNUSED_DATABASES, owner: admin },
        },
};

function restarts(path: string): Effect | undefined {
  return path.includes(".restart.") ? "restart" : undefined;
}

function problems({ sark, audit }: Settings): readonly Problem[] {
  return present<Problem>(
    sark.home === "local" &&
      sark.majorVersion !== 18 && {
        key: settingKey(["sark", "majorVersion"]),
        value: sark.majorVersion,
        allowed: "18",
        why: "the embedded server of the local home is PostgreSQL 18",
      },
    sark.home === "local" &&
      sark.replicas > 1 && {
        key: settingKey(["sark", "replicas"]),
        value: sark.replicas,
        allowed: "0 or 1",
        why: "the local home has a port for one replica",
      },
    audit.home === "local" &&
      audit.replicas > 0 && {
        key: settingKey(["audit", "replicas"]),
        value: audit.replicas,
        allowed: "0",
        why: "the embedded TimescaleDB cannot be replicated",
      },
    audit.home === "local" &&
      Object.keys(audit.parameters).length > 0 && {
        key: settingKey(["audit", "parameters"]),
        value: Object.keys(audit.parameters).join(", "),
        allowed: "nothing on a local home",
        why: "neither the embedded TimescaleDB nor a server that exists takes parameters from the stack",
      },
    audit.home !== "local" &&
      audit.external !== undefined && {
        key: settingKey(["audit", "external"]),
        value: audit.external.host,
        allowed: "nothing, unless audit.home is local",
        why: "a home builds its own server",
      },
  );
}
