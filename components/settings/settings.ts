import * as pulumi from "@pulumi/pulumi";
import { recoveryPointProblems } from "../homes/plan/backup-promises";
import { stackHypertables } from "../hypertables/plan/hypertable-plan";
import { type Problem, formatProblems } from "../text/problem";
import { HOMES, SECRETS, homeOf, poolSpec, homeRequests } from "../homes/plan/registry";
import { planProblems, planServers } from "../homes/plan/stack-plan";
import { limitProblems } from "../objectives/plan/limit-problems";
import { portProblems } from "../route/plan/relay-port-plan";
import { compact } from "../text/present";
import { NAMESPACE, settingKey } from "./plan/setting-key";
import { namespaceProblems, settingsProblems } from "./plan/settings-problems";
import { settingsSchema } from "./plan/settings-schema";
import type { Settings } from "./plan/settings-stack";
import type { Secrets, StackSettings } from "./stack-settings";
import { localShare, machineProfile } from "../homes/local/processes/machine-profile";

/** Every problem of a stack's settings, in one message. Thrown before any resource exists. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/**
 * Reads the stack's configuration. No other code reads it.
 * @throws SettingsError naming every problem
 */
export function loadSettings(): StackSettings {
  const config = new pulumi.Config(NAMESPACE);
  const all = Object.entries(pulumi.runtime.allConfig());
  const values = all
    .filter(([key]) => key.startsWith(`${NAMESPACE}:`))
    .map(([key, value]): [string, unknown] => [key.slice(NAMESPACE.length + 1), parseValue(value)])
    // Error messages never contain secrets.
    .filter(([key]) => !SECRETS.includes(key));
  const misspelt = all.flatMap(([key]) => namespaceProblems(key));
  const settings = validateSettings(Object.fromEntries(values), misspelt);

  const secrets: Secrets = Object.fromEntries(
    SECRETS.map((name) => [name, config.getSecret(name)]),
  );
  const share = localShare(machineProfile());
  const problems = [
    ...misspelt,
    ...combinedProblems(settings, pulumi.getStack()),
    ...secretProblems(settings, secrets),
  ].map((problem) => formatProblems([problem]));
  // The connection budget and other sums need servers that can be planned.
  const unplanned = planProblems(settings, share);
  if (unplanned.length > 0) refuseAny([...problems, ...unplanned]);
  const servers = planServers(settings, share);
  const asked = homeRequests(settings);
  refuseAny([
    ...problems,
    ...[
      ...asked.flatMap(
        ({ home, request }) => home.plannedProblems?.(settings, servers, request) ?? [],
      ),
      ...recoveryPointProblems(settings, servers),
    ].map((problem) => formatProblems([problem])),
  ]);
  for (const { home, request } of asked) {
    for (const warning of home.warnings?.(settings, request) ?? []) void pulumi.log.warn(warning);
  }
  const [backups = settings.backups] = asked.flatMap(
    ({ home, request }) => home.backups?.(settings, pulumi.getStack(), request) ?? [],
  );
  return {
    ...settings,
    backups,
    servers,
    hypertables: stackHypertables(settings, servers.sark_audit),
    secrets,
  };
}

/**
 * Validates raw configuration against the schema.
 * @param others other problems, reported together with those of the schema
 * @throws SettingsError naming every problem of the schema
 */
export function validateSettings(raw: unknown, others: readonly Problem[] = []): Settings {
  const parsed = settingsSchema.safeParse(raw);
  const problems = settingsProblems(parsed.error?.issues ?? [], raw);
  if (parsed.success && problems.length === 0) return parsed.data;
  throw refusal(formatProblems([...others, ...problems]));
}

/**
 * Problems between settings that are each valid on their own.
 * @param stack name of the stack
 * @param now reference time for a point-in-time restore
 */
export function combinedProblems(
  settings: Settings,
  stack: string,
  now: Date = new Date(),
): readonly Problem[] {
  return [
    ...crossProblems(settings),
    ...portProblems(settings),
    ...limitProblems(settings.monitoring.objectives),
    ...homeRequests(settings).flatMap(
      ({ home, request }) => home.problems?.(settings, stack, now, request) ?? [],
    ),
  ];
}

/** Secrets that the settings require and that are not set. */
function secretProblems(settings: Settings, secrets: Secrets): readonly Problem[] {
  return homeRequests(settings)
    .flatMap(({ home, request }) => home.secrets?.(settings, request) ?? [])
    .filter(({ name }) => !secrets[name])
    .map(({ name, why }) => ({
      key: settingKey([name]),
      value: "nothing",
      allowed: "a secret",
      why: `${why} (pulumi config set --secret ${name})`,
    }));
}

/** Combinations of settings that are invalid in every home. */
function crossProblems(settings: Settings): readonly Problem[] {
  const { route, pool, audit } = settings;
  const runs = poolSpec(settings).home;
  const beside = Object.entries(HOMES).flatMap(([name, { workloads, settings: own }]) =>
    workloads === runs && typeof own.sark_audit !== "string" ? [name] : [],
  );
  const forwards = homeRequests(settings).some(
    ({ home, request }) => home.jobs && request.served.length > 0,
  );
  return compact<Problem>(
    route === "port-forward" &&
      !forwards && {
        key: settingKey(["route"]),
        value: "port-forward",
        allowed: "direct",
        why: "no database of this stack runs on Kubernetes or AWS",
      },
    pool.enabled &&
      homeOf(settings, "sark_audit").workloads !== runs && {
        key: settingKey(["audit", "home"]),
        value: audit.home,
        allowed: [...beside, "another sark.home", "pool.enabled false"].join(", or "),
        why: `one PgBouncer serves both databases; the PgBouncer of sark runs in the home ${runs}`,
      },
  );
}

/**
 * Rejects settings for problems found after they were read and before any resource is created.
 * @throws SettingsError naming every problem, if there is one
 */
export function rejectProblems(problems: readonly Problem[]): void {
  refuseAny(problems.map((problem) => formatProblems([problem])));
}

function refuseAny(problems: readonly string[]): void {
  if (problems.length > 0) throw refusal(problems.join("\n"));
}

function refusal(problems: string): SettingsError {
  return new SettingsError(
    `the settings of stack ${pulumi.getStack()} are invalid; nothing was changed:\n${problems}`,
  );
}

/** Parses a configuration value. Pulumi passes all values as strings; structures, numbers and booleans as JSON. */
function parseValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
