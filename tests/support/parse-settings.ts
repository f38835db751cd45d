import type { Settings } from "../../components/settings/plan/settings-schema";
import { combinedProblems, readShape, refuseProblems } from "../../components/settings/settings";

/**
 * Settings of a configuration of any shape, without what a stack and a machine add.
 * @throws SettingsError naming every problem
 */
export function parseSettings(raw: unknown): Settings {
  const settings = readShape(raw);
  refuseProblems(combinedProblems(settings, "dev"));
  return settings;
}
