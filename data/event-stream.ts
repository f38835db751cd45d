/** The kinds of events that an authorization platform writes down: how often, about what, with which details. */
import type { Random } from "./random";
import { Choice } from "./weighted";

type Severity = "info" | "low" | "medium" | "high" | "critical";

export type ResourceType = "server" | "policy" | "user" | "api_key" | "session";

/** What an event refers to, for its details. */
interface Subject {
  readonly server: string;
  readonly policy: string;
  readonly version: number;
}

export interface EventKind {
  readonly type: string;
  /** Of a thousand events. */
  readonly weight: number;
  readonly severity: Severity;
  readonly action: string;
  readonly resource: ResourceType | null;
  readonly status: Choice<string>;
  /** Share of the events of which nobody known is the cause: a failed log-in, a job of the system's. */
  readonly anonymous?: number;
  details(random: Random, subject: Subject): Readonly<Record<string, string | number | boolean>>;
}

const SUCCESS = new Choice([["success", 1]]);
const FAILURE = new Choice([["failure", 1]]);
const DENIED = new Choice([["denied", 1]]);
const MOSTLY = new Choice([
  ["success", 97],
  ["failure", 2],
  ["error", 1],
]);

const TOOLS = new Choice<string>(
  [
    "query",
    "search",
    "read_file",
    "list_tables",
    "write_file",
    "run_job",
    "send_mail",
    "deploy",
    "export",
    "delete",
  ].map((tool, rank) => [tool, 1 / (rank + 1)]),
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
  {
    type: "access.granted",
    weight: 340,
    severity: "info",
    action: "call",
    resource: "server",
    status: SUCCESS,
    details: decided,
  },
  {
    type: "server.called",
    weight: 210,
    severity: "info",
    action: "call",
    resource: "server",
    status: MOSTLY,
    details: (random) => ({
      tool: TOOLS.pick(random),
      duration_ms: Math.round(random.logNormal(120, 1)),
      bytes: Math.round(random.logNormal(2_000, 1.4)),
    }),
  },
  {
    type: "token.refreshed",
    weight: 130,
    severity: "info",
    action: "refresh",
    resource: "session",
    status: MOSTLY,
    details: (random) => ({ expires_in: 900, rotation: 1 + random.below(32) }),
  },
  {
    type: "session.created",
    weight: 80,
    severity: "info",
    action: "login",
    resource: "session",
    status: SUCCESS,
    details: (random) => ({
      method: random.pick(["password", "ldap", "ldap", "sso"]),
      mfa: random.chance(0.6),
    }),
  },
  {
    type: "session.ended",
    weight: 60,
    severity: "info",
    action: "logout",
    resource: "session",
    status: SUCCESS,
    details: (random) => ({ reason: random.pick(["logout", "logout", "expired"]) }),
  },
  {
    type: "access.denied",
    weight: 55,
    severity: "medium",
    action: "call",
    resource: "server",
    status: DENIED,
    details: (random, subject) => ({ ...decided(random, subject), reason: REASONS.pick(random) }),
  },
  {
    type: "api_key.used",
    weight: 45,
    severity: "info",
    action: "authenticate",
    resource: "api_key",
    status: MOSTLY,
    details: (random) => ({ scope: random.pick(SCOPES) }),
  },
  {
    type: "mfa.verified",
    weight: 25,
    severity: "info",
    action: "verify",
    resource: "user",
    status: SUCCESS,
    details: (random) => ({ factor: random.pick(["totp", "totp", "webauthn"]) }),
  },
  {
    type: "login.failed",
    weight: 18,
    severity: "medium",
    action: "login",
    resource: "user",
    status: FAILURE,
    anonymous: 0.35,
    details: (random) => ({
      reason: random.pick(["bad password", "bad password", "unknown user", "inactive user"]),
      attempt: 1 + Math.floor(random.exponential(1)),
    }),
  },
  {
    type: "server.seen",
    weight: 12,
    severity: "info",
    action: "heartbeat",
    resource: "server",
    status: SUCCESS,
    anonymous: 1,
    details: (random) => ({
      version: `1.${random.below(9)}.${random.below(4)}`,
      tools: 1 + random.below(40),
    }),
  },
  {
    type: "rate_limit.exceeded",
    weight: 8,
    severity: "low",
    action: "call",
    resource: "api_key",
    status: DENIED,
    details: (random) => ({ limit: random.pick([60, 600, 6000]), window_seconds: 60 }),
  },
  {
    type: "audit.read",
    weight: 5,
    severity: "low",
    action: "read",
    resource: null,
    status: SUCCESS,
    details: (random) => ({
      rows: Math.round(random.logNormal(100, 1.5)),
      days: random.pick([1, 1, 7, 30]),
    }),
  },
  {
    type: "server.updated",
    weight: 4,
    severity: "low",
    action: "update",
    resource: "server",
    status: SUCCESS,
    details: (random) => ({ field: random.pick(FIELDS) }),
  },
  {
    type: "mfa.failed",
    weight: 3,
    severity: "high",
    action: "verify",
    resource: "user",
    status: FAILURE,
    details: (random) => ({ factor: "totp", attempt: 1 + random.below(5) }),
  },
  {
    type: "user.updated",
    weight: 2,
    severity: "low",
    action: "update",
    resource: "user",
    status: SUCCESS,
    details: (random) => ({ field: random.pick(["email", "is_active", "mfa_enabled", "ldap_dn"]) }),
  },
  {
    type: "api_key.created",
    weight: 1,
    severity: "medium",
    action: "create",
    resource: "api_key",
    status: SUCCESS,
    details: (random) => ({ scopes: 1 + random.below(5), days: random.pick([30, 90, 365]) }),
  },
  {
    type: "server.registered",
    weight: 1,
    severity: "medium",
    action: "create",
    resource: "server",
    status: SUCCESS,
    details: (_random, { server }) => ({ name: server }),
  },
  {
    type: "policy.published",
    weight: 0.6,
    severity: "high",
    action: "publish",
    resource: "policy",
    status: SUCCESS,
    details: (random, { policy, version }) => ({
      policy,
      version,
      bytes: 400 + random.below(4_000),
    }),
  },
  {
    type: "user.created",
    weight: 0.3,
    severity: "medium",
    action: "create",
    resource: "user",
    status: SUCCESS,
    details: (random) => ({ source: random.pick(["ldap", "ldap", "form"]) }),
  },
  {
    type: "admin.granted",
    weight: 0.1,
    severity: "critical",
    action: "grant",
    resource: "user",
    status: SUCCESS,
    details: (random) => ({ role: random.pick(["admin", "auditor"]) }),
  },
];
