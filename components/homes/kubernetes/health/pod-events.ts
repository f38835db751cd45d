import type { CoreV1Event } from "@kubernetes/client-node";
import { shortened } from "../../../text/printable";

/** The most recent event of objects whose name matches. */
export function lastEvent(
  events: readonly CoreV1Event[],
  matches: (name: string) => boolean,
): CoreV1Event | undefined {
  const own = events.filter(({ involvedObject }) => matches(involvedObject.name ?? ""));
  return own.sort((a, b) => timeOf(b) - timeOf(a))[0];
}

/** Describes an event of an object of that kind; empty without an event. */
export function eventText(kind: string, event: CoreV1Event | undefined): readonly string[] {
  if (event === undefined) return [];
  const times = event.series?.count ?? event.count ?? 1;
  const when = `${ageOf(timeOf(event))} ago${times > 1 ? ` (${times} times)` : ""}`;
  const subject = `${kind} ${event.involvedObject.name ?? ""}`;
  return [`Last event of ${subject}, ${when}: ${event.reason ?? ""}: ${singleLine(event.message)}`];
}

/** Time of an event's last occurrence; reporters fill in different fields. */
function timeOf({ series, lastTimestamp, eventTime, metadata }: CoreV1Event): number {
  const given = [series?.lastObservedTime, lastTimestamp, eventTime, metadata.creationTimestamp];
  return new Date(given.find((time) => time !== undefined) ?? 0).getTime();
}

function ageOf(time: number): string {
  const seconds = Math.max(0, Math.round((Date.now() - time) / 1000));
  return seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`;
}

/** API message as one line, without the full stop and gRPC's preamble, at most 400 characters. */
export function singleLine(text = ""): string {
  const line = text.replace(/\s+/g, " ").trim().replace(/\.$/, "");
  return shortened(line.replaceAll("rpc error: code = Unknown desc = ", ""), 400);
}
