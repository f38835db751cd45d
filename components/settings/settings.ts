import * as pulumi from "@pulumi/pulumi";
import { stackHypertables } from "../hypertables/plan/hypertable-plan";
import { type Problem, formatProblems } from "../text/problem";
import type { Home } from "../homes/plan/home";
import { HOMES, homeOf, poolRuns, requests } from "../homes/plan/registry";
import { planProblems, planServers } from "../homes/plan/stack-plan";
import { portProblems } from "../route/plan/relay-port-plan";
import { DATABASES } from "../roles/plan/role-plan";
import { databaseSettings, settingsName } from "./plan/database-settings";
import { NAMESPACE, settingKey } from "./plan/setting-key";
import { namespaceProblems, settingsProblems } from "./plan/settings-problems";
import { settingsSchema } from "./plan/settings-schema";
import type { Settings } from "./plan/settings-stack";
import type { BackupKeys, Secrets, StackSettings } from "./stack-settings";
import { localShare, machineProfile } from "../homes/local/processes/machine-profile";

/** Everything wrong with a stack's settings, in one message. Thrown before any resource exists. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** Read as secrets, so they take no part in messages. */
const SECRETS = Object.values<Home>(HOMES).flatMap(({ settings }) => settings.secrets ?? []);

/**
 * Reads the stack's configuration; nothing else in this project does.
 * @throws SettingsError naming every problem
 */
export function loadSettings(): StackSettings {
  const config = new pulumi.Config(NAMESPACE);
  const all = Object.entries(pulumi.runtime.allConfig());
  const values = all
    .filter(([key]) => key.startsWith(`${NAMESPACE}:`))
    .map(([key, value]): [string, unknown] => [key.slice(NAMESPACE.length + 1), parseValue(value)])
    .filter(([key]) => !SECRETS.includes(key));
  const misspelt = all.flatMap(([key]) => namespaceProblems(key));
  const settings = readShape(Object.fromEntries(values), misspelt);

  const secrets: Secrets = Object.fromEntries(
    SECRETS.map((name) => [name, config.getSecret(name)]),
  );
  const share = localShare(machineProfile());
  const problems = [
    ...misspelt,
    ...combinedProblems(settings, pulumi.getStack()),
    ...secretProblems(settings, secrets),
  ].map((problem) => formatProblems([problem]));
  // Sums are only made of what can be planned.
  const unplanned = planProblems(settings, share);
  if (unplanned.length > 0) refuseAny([...problems, ...unplanned]);
  const servers = planServers(settings, share);
  const asked = requests(settings);
  refuseAny([
    ...problems,
    ...asked
      .flatMap(({ home, request }) => home.plannedProblems?.(settings, servers, request) ?? [])
      .map((problem) => formatProblems([problem])),
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
    backupKeys: backupKeys(settings, secrets),
  };
}

/**
 * Turns configuration of any shape into settings.
 * @param others problems that do not follow from the shape, told with those that do
 * @throws SettingsError naming every problem of the shape
 */
export function readShape(raw: unknown, others: readonly Problem[] = []): Settings {
  const parsed = settingsSchema.safeParse(raw);
  const problems = settingsProblems(parsed.error?.issues ?? [], raw);
  if (parsed.success && problems.length === 0) return parsed.data;
  throw refusal(formatProblems([...others, ...problems]));
}

/**
 * What is wrong between settings that each have the right shape.
 * @param stack its name
 * @param now what a point in time to recover to is compared with
 */
export function combinedProblems(
  settings: Settings,
  stack: string,
  now: Date = new Date(),
): readonly Problem[] {
  return [
    ...crossProblems(settings),
    ...portProblems(settings),
    ...requests(settings).flatMap(({ home, request }) =>
      home.problems(settings, stack, now, request),
    ),
  ];
}

/** Secrets that the settings ask for and that are not there. */
function secretProblems(settings: Settings, secrets: Secrets): readonly Problem[] {
  return wantedSecrets(settings)
    .filter(({ name }) => !secrets[name])
    .map(({ name, why }) => ({
      key: settingKey([name]),
      value: "nothing",
      allowed: "a secret",
      why: `${why} (pulumi config set --secret ${name})`,
    }));
}

function wantedSecrets(settings: Settings) {
  return requests(settings).flatMap(({ home, request }) => home.secrets?.(settings, request) ?? []);
}

function backupKeys(settings: Settings, secrets: Secrets): BackupKeys | undefined {
  const { backupAccessKeyId: accessKeyId, backupSecretAccessKey: secretAccessKey } = secrets;
  const wanted = wantedSecrets(settings).some(({ name }) => name === "backupAccessKeyId");
  return wanted && accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined;
}

/** Combinations that no single setting forbids. */
function crossProblems(settings: Settings): readonly Problem[] {
  const { route, pool } = settings;
  const runs = poolRuns(settings).home;
  const forwards = requests(settings).some(
    ({ home, request }) => home.jobs && request.served.length > 0,
  );
  const problems: Problem[] = [];
  if (route === "port-forward" && !forwards) {
    problems.push({
      key: settingKey(["route"]),
      value: "port-forward",
      allowed: "direct",
      why: "no database of this stack lives on Kubernetes or AWS",
    });
  }
  const apart = DATABASES.map((each) => homeOf(settings, each)).some(
    ({ workloads }) => workloads !== runs,
  );
  for (const database of apart && pool.enabled ? DATABASES : []) {
    if (!homeOf(settings, database).onThisMachine) continue;
    const { home } = databaseSettings(settings, database);
    problems.push({
      key: settingKey([settingsName(database), "home"]),
      value: home,
      allowed: `the other database's home, or ${home} for both databases, or pool.enabled false`,
      why: "one PgBouncer serves both databases, and elsewhere it reaches no server on this machine",
    });
  }
  return problems;
}

/**
 * For what is found out about a stack's settings later than by reading them, and still before anything is made.
 * @throws SettingsError naming every problem, if there is one
 */
export function refuseProblems(problems: readonly Problem[]): void {
  refuseAny(problems.map((problem) => formatProblems([problem])));
}

function refuseAny(problems: readonly string[]): void {
  if (problems.length > 0) throw refusal(problems.join("\n"));
}

function refusal(problems: string): SettingsError {
  return new SettingsError(
    `the settings of stack ${pulumi.getStack()} cannot be used, and nothing was changed:\n${problems}`,
  );
}

/** Pulumi hands every value over as text; structures, numbers and switches as JSON. */
function parseValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
