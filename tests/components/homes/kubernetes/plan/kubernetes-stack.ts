import { kubernetesHome } from "../../../../../components/homes/kubernetes/plan/home-kubernetes";
import { requestOf } from "../../../../../components/homes/plan/registry";
import { portProblems } from "../../../../../components/route/plan/relay-port-plan";
import { formatProblems } from "../../../../../components/text/problem";
import { planProblems, planServers } from "../../../../../components/homes/plan/stack-plan";
import { type Settings, shapedSettings } from "../../../../support/parse-settings";

export const GiB = 2 ** 30;

/** A digest of any image. */
export const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

/** Groups of settings, merged with those of a sound stack. */
export type Changes = Readonly<Record<string, unknown>>;

const sound: Readonly<Record<string, unknown>> = {
  sark: { home: "kubernetes" },
  audit: {
    home: "kubernetes",
    image: `registry.example.com/sark/timescaledb:18.6-ts2.29.2@${DIGEST}`,
  },
  pool: {
    image: `registry.example.com/pgbouncer:1.26.1@${DIGEST}`,
    exporterImage: `registry.example.com/pgbouncer-exporter:v0.12.1@${DIGEST}`,
  },
  backups: { bucket: { path: "s3://sark-backups", retentionDays: 30 } },
  route: "direct",
  protection: true,
  rotation: 1,
};

/** A protected stack on Kubernetes that nothing is wrong with, with changes inside its groups. */
export function stackOf(changes: Changes = {}): Settings {
  const merged = Object.entries(changes).map(([key, change]) => [key, within(sound[key], change)]);
  return shapedSettings({ ...sound, ...Object.fromEntries(merged) });
}

const NOW = new Date("2026-06-01T12:00:00Z");

/** Every problem of such a stack, a paragraph each, with those of its planned servers. */
export function problemsOf(changes: Changes): readonly string[] {
  const settings = stackOf(changes);
  const share = { memory: 8 * GiB, vcpus: 4 };
  const unplanned = planProblems(settings, share);
  const request = requestOf(settings, "kubernetes");
  const planned = () =>
    kubernetesHome.plannedProblems?.(settings, planServers(settings, share), request) ?? [];
  const found = [
    ...portProblems(settings),
    ...(kubernetesHome.problems?.(settings, "dev", NOW, request) ?? []),
    ...(unplanned.length > 0 ? [] : planned()),
  ];
  return [...found.map((each) => formatProblems([each])), ...unplanned];
}

function within(group: unknown, change: unknown): unknown {
  if (!isGroup(change)) return change;
  // Another home has other keys.
  const before = isGroup(group) && (change["home"] ?? group["home"]) === group["home"] ? group : {};
  return Object.fromEntries(
    Object.entries({ ...before, ...change }).filter(([, value]) => value !== undefined),
  );
}

function isGroup(value: unknown): value is Changes {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A change to a sound stack, and what its one refusal says. */
export type Case = readonly [what: string, changes: Changes, ...parts: string[]];

/** Tests that each change is refused with one sentence that says all of its parts. */
export function refuses(cases: readonly Case[]): void {
  for (const [what, changes, ...parts] of cases) {
    it(`settings check refuses ${what}`, () => {
      const [problem, ...others] = problemsOf(changes);
      expect(others).toEqual([]);
      for (const part of parts) expect(problem).toContain(part);
    });
  }
}
