/** What the settings say of each database. */
import type { DatabaseName } from "../../roles/plan/role-plan";
import {
  type DatabaseSettings,
  type GivenSize,
  type ServerSize,
  serverSize,
} from "./settings-database";
import type { Settings } from "./settings-stack";

/** Size of a server whose size is left out: the guide's machine. */
const DEFAULT_SIZE: ServerSize = { ...serverSize.parse({}), memory: 8 * 2 ** 30, vcpus: 4 };

/** What of a size was left out is the guide's machine's. */
export function completeSize(size: GivenSize | undefined): ServerSize {
  const {
    memory = DEFAULT_SIZE.memory,
    vcpus = DEFAULT_SIZE.vcpus,
    storage,
  } = size ?? DEFAULT_SIZE;
  return { memory, vcpus, storage };
}

/** The part of the settings that describes a database. */
export function databaseSettings(settings: Settings, database: DatabaseName): DatabaseSettings {
  return database === "sark" ? settings.sark : settings.audit;
}

/** The group of settings that describes a database. */
export function settingsName(database: DatabaseName): "sark" | "audit" {
  return database === "sark" ? "sark" : "audit";
}
