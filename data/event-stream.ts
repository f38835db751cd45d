/** The kinds of events that an authorization platform records: frequency, resource and details. */
import { splitWords } from "../components/text/words";
import type { Random } from "./random";
import { Choice } from "./weighted";

type Severity = "info" | "low" | "medium" | "high" | "critical";

export type ResourceType = "server" | "policy" | "user" | "api_key" | "session";

/** The resource that an event concerns, for its details. */
interface Subject {
  readonly server: string;
  readonly policy: string;
  readonly version: number;
}

export interface EventKind {
  readonly type: string;
  /** Number per thousand events. */
  readonly weight: number;
  readonly severity: Severity;
  readonly action: string;
  readonly resource: ResourceType | null;
  readonly status: Choice<string>;
  /** Share of events without a known user: a failed login, a system job. */
  readonly anonymous?: number;
  details(random: Random, subject: Subject): Readonly<Record<string, string | number | boolean>>;
}

const kind = (
  type: string,
  weight: number,
  severity: Severity,
  action: string,
  resource: ResourceType | null,
  status: Choice<string>,
  details: EventKind["details"],
): EventKind => ({ type, weight, severity, action, resource, status, details });

const SUCCESS = new Choice([["success", 1]]);
const FAILURE = new Choice([["failure", 1]]);
const DENIED = new Choice([["denied", 1]]);
const MOSTLY = new Choice([
  ["success", 97],
  ["failure", 2],
  ["error", 1],
]);

const TOOLS = new Choice<string>(
  splitWords(`
  query search read_file list_tables write_file run_job send_mail deploy export delete`).map(
    (tool, rank) => [tool, 1 / (rank + 1)],
  ),
);
const REASONS = new Choice<string>([
  ["role lacks the permission", 50],
  ["outside of working hours", 15],
  ["server is not in the user's team", 20],
  ["tool is not allowed for this sensitivity", 10],
  ["second factor is too old", 5],
]);
const SCOPES = ["servers:read", "servers:call", "policies:read", "audit:read", "users:read"];
const FIELDS = ["name", "endpoint", "tags", "metadata", "is_active", "owner_id"];

const decided = (random: Random, { policy, version }: Subject) => ({
  policy,
  version,
  tool: TOOLS.pick(random),
  cached: random.chance(0.7),
});

/** In descending order of weight. */
export const EVENT_KINDS: readonly EventKind[] = [
  kind("access.granted", 340, "info", "call", "server", SUCCESS, decided),
  kind("server.called", 210, "info", "call", "server", MOSTLY, (random) => ({
    tool: TOOLS.pick(random),
    duration_ms: Math.round(random.logNormal(120, 1)),
    bytes: Math.round(random.logNormal(2_000, 1.4)),
  })),
  kind("token.refreshed", 130, "info", "refresh", "session", MOSTLY, (random) => ({
    expires_in: 900,
    rotation: 1 + random.below(32),
  })),
  kind("session.created", 80, "info", "login", "session", SUCCESS, (random) => ({
    method: random.pick(["password", "ldap", "ldap", "sso"]),
    mfa: random.chance(0.6),
  })),
  kind("session.ended", 60, "info", "logout", "session", SUCCESS, (random) => ({
    reason: random.pick(["logout", "logout", "expired"]),
  })),
  kind("access.denied", 55, "medium", "call", "server", DENIED, (random, subject) => ({
    ...decided(random, subject),
    reason: REASONS.pick(random),
  })),
  kind("api_key.used", 45, "info", "authenticate", "api_key", MOSTLY, (random) => ({
    scope: random.pick(SCOPES),
  })),
  kind("mfa.verified", 25, "info", "verify", "user", SUCCESS, (random) => ({
    factor: random.pick(["totp", "totp", "webauthn"]),
  })),
  {
    ...kind("login.failed", 18, "medium", "login", "user", FAILURE, (random) => ({
      reason: random.pick(["bad password", "bad password", "unknown user", "inactive user"]),
      attempt: 1 + Math.floor(random.exponential(1)),
    })),
    anonymous: 0.35,
  },
  {
    ...kind("server.seen", 12, "info", "heartbeat", "server", SUCCESS, (random) => ({
      version: `1.${random.below(9)}.${random.below(4)}`,
      tools: 1 + random.below(40),
    })),
    anonymous: 1,
  },
  kind("rate_limit.exceeded", 8, "low", "call", "api_key", DENIED, (random) => ({
    limit: random.pick([60, 600, 6000]),
    window_seconds: 60,
  })),
  kind("audit.read", 5, "low", "read", null, SUCCESS, (random) => ({
    rows: Math.round(random.logNormal(100, 1.5)),
    days: random.pick([1, 1, 7, 30]),
  })),
  kind("server.updated", 4, "low", "update", "server", SUCCESS, (random) => ({
    field: random.pick(FIELDS),
  })),
  kind("mfa.failed", 3, "high", "verify", "user", FAILURE, (random) => ({
    factor: "totp",
    attempt: 1 + random.below(5),
  })),
  kind("user.updated", 2, "low", "update", "user", SUCCESS, (random) => ({
    field: random.pick(["email", "is_active", "mfa_enabled", "ldap_dn"]),
  })),
  kind("api_key.created", 1, "medium", "create", "api_key", SUCCESS, (random) => ({
    scopes: 1 + random.below(5),
    days: random.pick([30, 90, 365]),
  })),
  kind("server.registered", 1, "medium", "create", "server", SUCCESS, (_random, { server }) => ({
    name: server,
  })),
  kind("policy.published", 0.6, "high", "publish", "policy", SUCCESS, (random, subject) => ({
    policy: subject.policy,
    version: subject.version,
    bytes: 400 + random.below(4_000),
  })),
  kind("user.created", 0.3, "medium", "create", "user", SUCCESS, (random) => ({
    source: random.pick(["ldap", "ldap", "form"]),
  })),
  kind("admin.granted", 0.1, "critical", "grant", "user", SUCCESS, (random) => ({
    role: random.pick(["admin", "auditor"]),
  })),
];
