import * as pulumi from "@pulumi/pulumi";
import { type Problem, formatProblems } from "./lib/problem";
import { type ServerPlan, planProblems, planServers } from "./lib/server-plan";
import type { DatabaseName } from "./lib/role-plan";
import { settingKey, settingsProblems } from "./lib/settings-problems";
import { type Settings, settingsSchema } from "./lib/settings-schema";
import { localShare, machineProfile } from "./local/processes/machine";

/** Everything wrong with a stack's settings, in one message. Thrown before any resource exists. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** A stack's settings and what follows from them for each server. */
export interface StackSettings extends Settings {
  readonly servers: Readonly<Record<DatabaseName, ServerPlan>>;
  /** Password of an audit server that exists; unset without one. */
  readonly auditPassword: pulumi.Output<string> | undefined;
}

const NAMESPACE = "sark-databases";
/** Read as a secret, so it takes no part in messages. */
const AUDIT_PASSWORD = "auditPassword";

/**
 * Reads the stack's configuration; nothing else in this project does.
 * @throws SettingsError naming every problem
 */
export function loadSettings(): StackSettings {
  const config = new pulumi.Config(NAMESPACE);
  const values = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(`${NAMESPACE}:`))
    .map(([key, value]): [string, unknown] => [key.slice(NAMESPACE.length + 1), parseValue(value)]);
  const { [AUDIT_PASSWORD]: _, ...raw } = Object.fromEntries(values);

  const settings = parseSettings(raw);
  const auditPassword = config.getSecret(AUDIT_PASSWORD);
  if (settings.audit.external && !auditPassword) {
    throw new SettingsError(
      `${settingKey([AUDIT_PASSWORD])}: got nothing; allowed: a secret; audit.external is a server with a password ` +
        `(pulumi config set --secret ${AUDIT_PASSWORD})`,
    );
  }
  return { ...settings, servers: checkedServers(settings), auditPassword };
}

/**
 * Turns configuration of any shape into settings; pure.
 * @throws SettingsError naming every problem
 */
export function parseSettings(raw: unknown): Settings {
  const parsed = settingsSchema.safeParse(raw);
  const problems = parsed.success
    ? crossProblems(parsed.data)
    : settingsProblems(parsed.error, raw);
  if (!parsed.success || problems.length > 0) throw refusal(formatProblems(problems));
  return parsed.data;
}

/** Combinations that no single setting forbids. */
function crossProblems(settings: Settings): readonly Problem[] {
  const { sark, audit, local } = settings;
  const problem = (
    when: boolean,
    path: readonly string[],
    value: string,
    allowed: string,
    why: string,
  ) => (when ? [{ key: settingKey(path), value, allowed, why }] : []);
  const ports = Object.entries(local.ports);
  const twice = ports.find(
    ([, port], index) => ports.findIndex(([, other]) => other === port) < index,
  );
  return [
    ...problem(
      audit.home === "aws",
      ["audit", "home"],
      "aws",
      "local or kubernetes",
      "Amazon RDS does not offer the timescaledb extension",
    ),
    ...problem(
      sark.home === "local" && sark.majorVersion !== 18,
      ["sark", "majorVersion"],
      String(sark.majorVersion),
      "18",
      "the embedded server of the local home is PostgreSQL 18",
    ),
    ...problem(
      sark.home === "local" && sark.replicas > 1,
      ["sark", "replicas"],
      String(sark.replicas),
      "0 or 1",
      "the local home has a port for one replica",
    ),
    ...problem(
      audit.home === "local" && audit.replicas > 0,
      ["audit", "replicas"],
      String(audit.replicas),
      "0",
      "the embedded TimescaleDB cannot be replicated",
    ),
    ...problem(
      audit.home === "local" && Object.keys(audit.parameters).length > 0,
      ["audit", "parameters"],
      Object.keys(audit.parameters).join(", "),
      "nothing on a local home",
      "neither the embedded TimescaleDB nor a server that exists takes parameters from the stack",
    ),
    ...problem(
      audit.home !== "local" && audit.external !== undefined,
      ["audit", "external"],
      audit.external?.host ?? "",
      "nothing, unless audit.home is local",
      "a home builds its own server",
    ),
    ...problem(
      settings.route === "port-forward" && sark.home === "local" && audit.home === "local",
      ["route"],
      "port-forward",
      "direct",
      "no database of this stack lives on Kubernetes",
    ),
    ...problem(
      twice !== undefined,
      ["local", "ports", twice?.[0] ?? ""],
      String(twice?.[1]),
      "a port that no other server of the stack has",
      "one port serves one process",
    ),
  ];
}

function checkedServers(settings: Settings): Readonly<Record<DatabaseName, ServerPlan>> {
  const share = localShare(machineProfile());
  const problems = planProblems(settings, share);
  if (problems.length > 0) throw refusal(problems.join("\n"));
  return planServers(settings, share);
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
