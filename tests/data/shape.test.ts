/** The generated data are skewed in the ways on which plans, compression and aggregates depend. */
import { arrivals, hourlyLoad, DAY, eventTime, HOUR, SECOND, timestamp } from "../../data/arrivals";
import { EVENT_KINDS } from "../../data/event-stream";
import { Random } from "../../data/random";
import { SIZES } from "../../data/scale";
import type { Value } from "../../data/table";
import { eventsOf } from "../../data/tables/audit-events";
import { GeneratedWorld } from "../../data/world";
import { column, frequencies, NOW, records, SMALL } from "./read";

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** The share of all rows that have one of the `count` most frequent values. */
function shareOfTop(count: number, values: readonly Value[]): number {
  const counts = frequencies(values).map(([, n]) => n);
  return sum(counts.slice(0, count)) / sum(counts);
}

describe("the skew of generated data", () => {
  const users = column("sark_audit", "audit_events", "user_id").filter((user) => user !== null);
  const types = column("sark_audit", "audit_events", "event_type");

  it("gives the busiest 1 % of the users a tenth of the events, and the busiest 10 % half", () => {
    const { users: all } = SIZES.S;
    // Evenly it would be 1 % and 10 %, and a little more by chance: 30 events a user.
    expect(shareOfTop(all / 100, users)).toBeGreaterThan(0.1);
    expect(shareOfTop(all / 10, users)).toBeGreaterThan(0.4);
    expect(shareOfTop(all / 10, users)).toBeLessThan(0.65);
  });

  it("concentrates decisions on few servers and policies", () => {
    const servers = column("sark_audit", "policy_evaluations", "resource");
    const policies = column("sark_audit", "policy_evaluations", "policy_name");
    expect(shareOfTop(SIZES.S.servers / 100, servers)).toBeGreaterThan(0.25);
    expect(shareOfTop(SIZES.S.policies / 10, policies)).toBeGreaterThan(0.4);
    // Yet every policy occurs.
    expect(frequencies(policies)).toHaveLength(SIZES.S.policies);
  });

  it("gives every kind of event about the share of its weight", () => {
    const weights = sum(EVENT_KINDS.map(({ weight }) => weight));
    const counts = new Map(frequencies(types));
    for (const { type, weight } of EVENT_KINDS) {
      const expected = (weight / weights) * types.length;
      // Five standard deviations of a count, plus one.
      expect(Math.abs((counts.get(type) ?? 0) - expected)).toBeLessThan(
        5 * Math.sqrt(expected) + 1,
      );
    }
    expect(frequencies(types)[0]?.[0]).toBe("access.granted");
    expect(shareOfTop(3, types)).toBeGreaterThan(0.6);
  });

  it("includes events without a user, only of kinds that allow it", () => {
    const nobody = new Set(
      EVENT_KINDS.filter(({ anonymous }) => anonymous !== undefined).map(({ type }) => type),
    );
    const anonymous = [...records("sark_audit", "audit_events")]
      .filter(({ user_id }) => user_id === null)
      .map(({ event_type }) => event_type);
    expect(new Set(anonymous)).toEqual(nobody);
    expect(anonymous.length / types.length).toBeGreaterThan(0.01);
    expect(anonymous.length / types.length).toBeLessThan(0.04);
  });
});

describe("the times of generated events", () => {
  const world = new GeneratedWorld(SMALL);
  const events = [...eventsOf(world)];

  it("are more by day than by night, and more on weekdays than at the weekend", () => {
    const hours = Array.from({ length: 24 }, () => 0);
    const days = Array.from({ length: 7 }, () => 0);
    for (const { arrival } of events) {
      const at = new Date(arrival / 1000);
      const [hour, day] = [at.getUTCHours(), at.getUTCDay()];
      hours[hour] = (hours[hour] ?? 0) + 1;
      days[day] = (days[day] ?? 0) + 1;
    }
    const ofHour = (hour: number): number => hours[hour] ?? 0;
    expect(ofHour(10)).toBeGreaterThan(8 * ofHour(2));
    // The dip at noon.
    expect(ofHour(12)).toBeLessThan(ofHour(10));
    expect(ofHour(12)).toBeLessThan(ofHour(14));
    const [sunday = 0, , , wednesday = 0, , , saturday = 0] = days;
    expect(sunday / wednesday).toBeCloseTo(0.3, 1);
    expect(saturday / wednesday).toBeCloseTo(0.3, 1);
    expect(hourlyLoad(Date.UTC(2026, 2, 8, 10) * 1000)).toBeCloseTo(0.3);
    expect(hourlyLoad(Date.UTC(2026, 2, 10, 10) * 1000)).toBe(1);
  });

  it("cover the days of the scale from the first hour to the last", () => {
    const start = NOW.getTime() * 1000 - SIZES.S.days * DAY;
    const outside = events.filter(
      ({ time, arrival }) => time < start || time > arrival || arrival >= NOW.getTime() * 1000,
    );
    expect(outside).toEqual([]);
    expect((events[0]?.arrival ?? 0) - start).toBeLessThan(HOUR);
    expect(NOW.getTime() * 1000 - (events.at(-1)?.arrival ?? 0)).toBeLessThan(HOUR);
  });

  it("are in order of arrival, so that late events stand between newer ones", () => {
    let before = 0;
    let backwards = 0;
    let newest = 0;
    for (const { arrival, time } of events) {
      if (arrival < before) throw new Error(`${arrival} comes after ${before}`);
      before = arrival;
      if (time < newest) backwards++;
      newest = Math.max(newest, time);
    }
    expect(backwards / events.length).toBeCloseTo(0.02, 2);
  });

  it("are late for 2 % of the events, mostly by minutes and by a day at most", () => {
    const delays = events
      .map(({ arrival, time }) => arrival - time)
      .filter((delay) => delay > 0)
      .sort((a, b) => a - b);
    expect(delays.length / events.length).toBeGreaterThan(0.017);
    expect(delays.length / events.length).toBeLessThan(0.023);
    expect(delays.at(-1)).toBeLessThanOrEqual(DAY);
    expect(delays.at(-1)).toBeGreaterThan(12 * HOUR);
    // As likely below as above the geometric mean of a minute and a day, 38 minutes.
    expect(delays[Math.floor(delays.length / 2)]).toBeGreaterThan(20 * 60 * SECOND);
    expect(delays[Math.floor(delays.length / 2)]).toBeLessThan(70 * 60 * SECOND);
  });

  it.each([
    ["none", { share: 0, hours: 24 }, 0],
    ["all", { share: 1, hours: 2 }, 2 * HOUR],
    ["all, by less than the shortest delay", { share: 1, hours: 0.001 }, HOUR / 1000],
  ])("follow the lateness option: %s", (_what, lateness, longest) => {
    const found = [
      ...eventsOf(new GeneratedWorld({ ...SMALL, lateness, sizes: { auditEvents: 500 } })),
    ];
    const delays = found.map(({ arrival, time }) => arrival - time);
    expect(Math.max(...delays)).toBeLessThanOrEqual(longest + 1);
    expect(delays.slice(50).every((delay) => delay > 0)).toBe(lateness.share === 1);
  });

  it("are never before the start", () => {
    const random = new Random(1, "late");
    const start = 5 * DAY;
    for (let i = 0; i < 200; i++) {
      const at = eventTime(start + SECOND, start, { share: 1, hours: 24 }, random);
      expect(at).toBeGreaterThanOrEqual(start);
    }
  });

  it.each([0, 1, 7, 1000])(
    "are exactly %d if asked, also when the span ends within an hour",
    (count) => {
      const random = new Random(1, "times");
      const end = NOW.getTime() * 1000 + 17 * 60 * SECOND;
      const times = [...arrivals(end - 30 * HOUR - 1, end, count, random)];
      expect(times).toHaveLength(count);
      expect([...times].sort((a, b) => a - b)).toEqual(times);
      for (const time of times) expect(Math.floor(time)).toBe(time);
    },
  );

  it("are written with microseconds", () => {
    expect(timestamp(NOW.getTime() * 1000 + 42)).toBe("2026-03-10 12:00:00.000042+00");
    expect(timestamp(NOW.getTime() * 1000 - 1)).toBe("2026-03-10 11:59:59.999999+00");
  });
});

describe("ids in generated rows", () => {
  const values = (table: string, name: string): Set<Value> => new Set(column("sark", table, name));
  const ids = {
    user: values("users", "id"),
    server: values("servers", "id"),
    policy: values("policies", "id"),
    api_key: values("api_keys", "id"),
  };

  it.each([
    ["servers", "owner_id", "user"],
    ["sessions", "user_id", "user"],
    ["api_keys", "user_id", "user"],
    ["policies", "created_by", "user"],
    ["policy_versions", "created_by", "user"],
    ["policy_versions", "policy_id", "policy"],
  ] as const)("refer to existing rows: %s.%s", (table, name, what) => {
    const strangers = column("sark", table, name).filter((id) => !ids[what].has(id));
    expect(strangers).toEqual([]);
  });

  it("refer to rows of sark in the audit trail", () => {
    const seen = new Map<Value, number>();
    for (const { user_id = null, resource_type = null, resource_id = null } of records(
      "sark_audit",
      "audit_events",
    )) {
      if (user_id !== null && !ids.user.has(user_id)) throw new Error(`user ${String(user_id)}`);
      seen.set(resource_type, (seen.get(resource_type) ?? 0) + 1);
      // Sessions are short-lived and no longer exist.
      if (resource_type === null || resource_type === "session") continue;
      const known = ids[resource_type as keyof typeof ids];
      if (!known.has(resource_id))
        throw new Error(`${String(resource_type)} ${String(resource_id)}`);
    }
    expect([...seen.keys()].sort()).toEqual(
      ["api_key", "policy", "server", "session", "user", null].sort(),
    );
  });

  it("refer to events of severity medium or more in SIEM deliveries", () => {
    const severe = new Map(
      [...eventsOf(new GeneratedWorld(SMALL))].map(({ id, kind }) => [id, kind.severity]),
    );
    const found = new Set<string | undefined>();
    for (const { audit_event_id } of records("sark_audit", "siem_events")) {
      found.add(severe.get(String(audit_event_id)));
    }
    expect([...found].sort()).toEqual(["critical", "high", "medium"]);
  });

  it.each([
    ["v4", 4],
    ["v7", 7],
  ] as const)("are UUIDs of version %s if asked, for events", (eventIds, version) => {
    const options = { ...SMALL, eventIds, sizes: { auditEvents: 100 } };
    for (const { id, time } of eventsOf(new GeneratedWorld(options))) {
      expect(id).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
      expect(id.charAt(14)).toBe(String(version));
      const milliseconds = parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
      expect(milliseconds === Math.floor(time / 1000)).toBe(version === 7);
    }
  });
});
