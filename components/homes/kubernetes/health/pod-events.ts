import type { CoreV1Event } from "@kubernetes/client-node";
import { shortened } from "../../../text/printable";

/** The last event of an object whose name is meant. */
export function lastEvent(
  events: readonly CoreV1Event[],
  isMeant: (name: string) => boolean,
): CoreV1Event | undefined {
  const own = events.filter(({ involvedObject }) => isMeant(involvedObject.name ?? ""));
  return own.sort((a, b) => timeOf(b) - timeOf(a))[0];
}

/** A sentence on an event of an object of that kind; none without one. */
export function eventText(kind: string, event: CoreV1Event | undefined): readonly string[] {
  if (event === undefined) return [];
  const times = event.series?.count ?? event.count ?? 1;
  const when = `${ageOf(timeOf(event))} ago${times > 1 ? ` (${times} times)` : ""}`;
  const subject = `${kind} ${event.involvedObject.name ?? ""}`;
  return [`Last event of ${subject}, ${when}: ${event.reason ?? ""}: ${clause(event.message)}`];
}

/** When an event was seen last; who reports them fills in one of several fields. */
function timeOf({ series, lastTimestamp, eventTime, metadata }: CoreV1Event): number {
  const given = [series?.lastObservedTime, lastTimestamp, eventTime, metadata.creationTimestamp];
  return new Date(given.find((time) => time !== undefined) ?? 0).getTime();
}

function ageOf(time: number): string {
  const seconds = Math.max(0, Math.round((Date.now() - time) / 1000));
  return seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`;
}

/** What the API says, on one line, without the full stop and gRPC's preamble, and no longer than one reads. */
export function clause(text = ""): string {
  const line = text.replace(/\s+/g, " ").trim().replace(/\.$/, "");
  return shortened(line.replaceAll("rpc error: code = Unknown desc = ", ""), 400);
}
