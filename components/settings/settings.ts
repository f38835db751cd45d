import * as pulumi from "@pulumi/pulumi";
import { withManagedBucket } from "../homes/aws/backups/plan/backup-accounts";
import { awsStack } from "../homes/aws/plan/rds-stack";
import { stackHypertables } from "../hypertables/plan/hypertable-plan";
import { type Problem, formatProblems } from "../text/problem";
import { requests } from "../homes/plan/registry";
import { planProblems, planServers } from "../homes/plan/stack-plan";
import { portProblems } from "../route/plan/relay-port-plan";
import { present } from "../text/present";
import {
  NAMESPACE,
  namespaceProblems,
  settingKey,
  settingsProblems,
} from "./plan/settings-problems";
import { type Settings, settingsSchema } from "./plan/settings-schema";
import type { BackupKeys, StackSettings } from "./stack-settings";
import { localShare, machineProfile } from "../homes/local/processes/machine-profile";

/** Everything wrong with a stack's settings, in one message. Thrown before any resource exists. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** Read as secrets, so they take no part in messages. */
const SECRETS = ["auditPassword", "backupAccessKeyId", "backupSecretAccessKey"] as const;

type Secrets = Readonly<Record<(typeof SECRETS)[number], pulumi.Output<string> | undefined>>;

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
    .filter(([key]) => !SECRETS.some((secret) => secret === key));
  const misspelt = all.flatMap(([key]) => namespaceProblems(key));
  const settings = readShape(Object.fromEntries(values), misspelt);

  const secrets = {
    auditPassword: config.getSecret("auditPassword"),
    backupAccessKeyId: config.getSecret("backupAccessKeyId"),
    backupSecretAccessKey: config.getSecret("backupSecretAccessKey"),
  };
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
  const { aws, backups, clients } = awsStack(settings);
  return {
    ...settings,
    backups: withManagedBucket(backups, clients.accounts, aws, pulumi.getStack()),
    servers,
    hypertables: stackHypertables(settings, servers.sark_audit),
    auditPassword: secrets.auditPassword,
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
  const missing = (name: keyof Secrets, why: string): readonly Problem[] =>
    secrets[name]
      ? []
      : [
          {
            key: settingKey([name]),
            value: "nothing",
            allowed: "a secret",
            why: `${why} (pulumi config set --secret ${name})`,
          },
        ];
  return [
    ...(settings.audit.external
      ? missing("auditPassword", "audit.external is a server with a password")
      : []),
    ...(usesKeys(settings)
      ? [
          ...missing("backupAccessKeyId", "backups.bucket.access is keys"),
          ...missing("backupSecretAccessKey", "backups.bucket.access is keys"),
        ]
      : []),
  ];
}

function usesKeys(settings: Settings): boolean {
  return settings.backups.bucket?.access === "keys" && isServed(settings);
}

/** Whether a home runs jobs for a database of the stack. */
function isServed(settings: Settings): boolean {
  return requests(settings).some(({ home, request }) => home.jobs && request.served.length > 0);
}

function backupKeys(settings: Settings, secrets: Secrets): BackupKeys | undefined {
  const { backupAccessKeyId: accessKeyId, backupSecretAccessKey: secretAccessKey } = secrets;
  if (!usesKeys(settings) || !accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey };
}

/** Combinations that no single setting forbids. */
function crossProblems(settings: Settings): readonly Problem[] {
  const { route } = settings;
  return present<Problem>(
    route === "port-forward" &&
      !isServed(settings) && {
        key: settingKey(["route"]),
        value: "port-forward",
        allowed: "direct",
        why: "no database of this stack lives on Kubernetes or AWS",
      },
  );
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
