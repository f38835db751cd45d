/** Default sizes, and the settings of one database. */
import type { DatabaseName } from "../../roles/plan/role-plan";
import {
  type DatabaseSettings,
  type GivenSize,
  type ServerSize,
  serverSize,
} from "./settings-database";
import type { Settings } from "./settings-stack";

/** Default size of a server: the machine of the optimization guide. */
const DEFAULT_SIZE: ServerSize = { ...serverSize.parse({}), memory: 8 * 2 ** 30, vcpus: 4 };

/** Fills in the missing fields of a size from {@link DEFAULT_SIZE}. */
export function completeSize(size: GivenSize | undefined): ServerSize {
  const {
    memory = DEFAULT_SIZE.memory,
    vcpus = DEFAULT_SIZE.vcpus,
    storage,
  } = size ?? DEFAULT_SIZE;
  return { memory, vcpus, storage };
}

/** Settings of one database. */
export function databaseSettings(settings: Settings, database: DatabaseName): DatabaseSettings {
  return database === "sark" ? settings.sark : settings.audit;
}

/** Name of the settings group of a database. */
export function settingsGroup(database: DatabaseName): "sark" | "audit" {
  return database === "sark" ? "sark" : "audit";
}
