import { SECOND, timestamp } from "../arrivals";
import type { Random } from "../random";
import type { Row } from "../table";
import { Choice } from "../weighted";
import type { GeneratedWorld } from "../world";
import { type AuditEvent, eventsOf } from "./audit-events";

/** Severities that are delivered to the SIEM. */
const REPORTED = new Set(["medium", "high", "critical"]);

const DESTINATIONS = new Choice<string>([
  ["splunk", 80],
  ["archive", 20],
]);
const ERRORS = new Choice<string>([
  ["HTTP 503 Service Unavailable", 60],
  ["connection timed out after 10 s", 30],
  ["HTTP 429 Too Many Requests", 10],
]);
/** Share of failing attempts, and the maximum number of attempts. */
const FAILING = 0.03;
const ATTEMPTS = 4;
/** Seconds before the second attempt; doubled before each further attempt. */
const PAUSE = 30;

/** Each attempt to deliver a severe audit event to the SIEM. */
export function* siemEvents(world: GeneratedWorld): Generator<Row> {
  const random = world.random("siem_events");
  for (const event of eventsOf(world)) {
    if (REPORTED.has(event.kind.severity)) yield* attemptsFor(world, event, random);
  }
}

function* attemptsFor(
  world: GeneratedWorld,
  { kind, id, arrival, time }: AuditEvent,
  random: Random,
): Generator<Row> {
  const destination = DESTINATIONS.pick(random);
  let at = arrival + random.exponential(2 * SECOND);
  for (let attempt = 1; attempt <= ATTEMPTS && at < world.now; attempt++) {
    const failed = random.chance(FAILING);
    yield {
      time: timestamp(Math.floor(at)),
      event_id: world.eventId(at, random),
      event_type: kind.type,
      severity: kind.severity,
      destination,
      status: failed ? "failed" : "delivered",
      audit_event_id: id,
      payload: JSON.stringify({ action: kind.action, time: timestamp(time), attempt }),
      error: failed ? ERRORS.pick(random) : null,
    };
    if (!failed) return;
    at += PAUSE * SECOND * 2 ** (attempt - 1);
  }
}
