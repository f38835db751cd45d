import type { AwsStackSettings } from "../../components/homes/aws/plan/settings-aws";
import type { RdsSpec } from "../../components/homes/aws/plan/settings-rds";
import type { KubernetesStack } from "../../components/homes/kubernetes/plan/settings-kubernetes";
import type { LocalStack } from "../../components/homes/local/plan/settings-local";
import {
  combinedProblems,
  validateSettings,
  rejectProblems,
} from "../../components/settings/settings";
import type { StackSettings as CommonStackSettings } from "../../components/settings/stack-settings";

/** Settings with the groups of every home, as the schema returns them. */
export type Settings = LocalStack & KubernetesStack & AwsStackSettings;
export type StackSettings = CommonStackSettings & Settings;
/** Settings of a stack with `sark` on RDS. */
export type OnRds = { readonly sark: RdsSpec };

/**
 * Parses a configuration of any shape, without the values that a stack and a machine add.
 * @throws SettingsError naming every problem
 */
export function parseSettings(raw: unknown): Settings {
  const settings = shapedSettings(raw);
  rejectProblems(combinedProblems(settings, "dev"));
  return settings;
}

/** The same, without checks between settings. @throws SettingsError */
export function shapedSettings(raw: unknown): Settings {
  return validateSettings(raw) as Settings;
}
