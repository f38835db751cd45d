import { timestamp } from "../arrivals";
import { EVENT_KINDS, type EventKind, type ResourceType } from "../event-stream";
import { address, userAgent } from "../user-facts";
import type { Random } from "../random";
import type { Row } from "../table";
import { policyName, policyVersions, serverFacts } from "../server-policy-facts";
import { Choice } from "../weighted";
import type { GeneratedWorld } from "../world";

/** An event, with facts that its row lacks. */
export interface AuditEvent {
  readonly kind: EventKind;
  readonly id: string;
  /** When it happened, in microseconds since 1970. */
  readonly time: number;
  /** When it arrived; equal to `time` unless it is late. */
  readonly arrival: number;
  readonly row: Row;
}

/** The audit trail in order of arrival, so that late events stand between newer ones. */
export function* auditEvents(world: GeneratedWorld): Generator<Row> {
  for (const { row } of eventsOf(world)) yield row;
}

const KINDS = new Choice(EVENT_KINDS.map((kind) => [kind, kind.weight] as const));

/** Generates the same events at each call, so that rows that refer to them need not keep them in memory. */
export function* eventsOf(world: GeneratedWorld): Generator<AuditEvent> {
  const random = world.random("audit_events");
  for (const { arrival, time } of world.eventTimes("audit_events", world.sizes.auditEvents)) {
    const id = world.eventId(time, random);
    const kind = KINDS.pick(random);
    yield { kind, id, time, arrival, row: rowOf(world, kind, id, time, random) };
  }
}

function rowOf(
  world: GeneratedWorld,
  kind: EventKind,
  id: string,
  time: number,
  random: Random,
): Row {
  const user = world.users.index(random);
  const known = kind.anonymous === undefined || !random.chance(kind.anonymous);
  const server = world.servers.index(random);
  const policy = world.policies.index(random);
  const details = kind.details(random, {
    server: serverFacts(server).name,
    policy: policyName(policy),
    version: policyVersions(policy),
  });
  return {
    time: timestamp(time),
    event_id: id,
    event_type: kind.type,
    user_id: known ? world.users.id(user) : null,
    resource_type: kind.resource,
    resource_id:
      kind.resource === null
        ? null
        : resourceId(world, kind.resource, { user, server, policy }, random),
    action: kind.action,
    status: kind.status.pick(random),
    ip_address: address(user, random),
    details: JSON.stringify({
      request_id: random.uuid(),
      user_agent: userAgent(user, random),
      ...details,
    }),
  };
}

interface Involved {
  readonly user: number;
  readonly server: number;
  readonly policy: number;
}

function resourceId(
  world: GeneratedWorld,
  type: ResourceType,
  { user, server, policy }: Involved,
  random: Random,
): string {
  switch (type) {
    case "server":
      return world.servers.id(server);
    case "policy":
      return world.policies.id(policy);
    case "user":
      return world.users.id(user);
    case "api_key":
      return world.apiKeys.id(world.apiKeys.index(random));
    case "session":
      // Sessions are short-lived, so an event's session rarely still exists.
      return random.uuid();
  }
}
