import { kubernetesHome } from "../../../../../components/homes/kubernetes/plan/home-kubernetes";
import { homeRequest } from "../../../../../components/homes/plan/registry";
import { portProblems } from "../../../../../components/route/plan/relay-port-plan";
import { formatProblems } from "../../../../../components/text/problem";
import { planProblems, planServers } from "../../../../../components/homes/plan/stack-plan";
import { type Settings, shapedSettings } from "../../../../support/parse-settings";

export const GiB = 2 ** 30;

/** An example digest. */
export const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

/** Changes to groups of valid settings. */
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

/** A valid protected stack on Kubernetes, with changes within its groups. */
export function stackOf(changes: Changes = {}): Settings {
  const merged = Object.entries(changes).map(([key, change]) => [key, within(sound[key], change)]);
  return shapedSettings({ ...sound, ...Object.fromEntries(merged) });
}

const NOW = new Date("2026-06-01T12:00:00Z");

/** Lists all problems of such a stack, including those of its planned servers. */
export function problemsOf(changes: Changes): readonly string[] {
  const settings = stackOf(changes);
  const share = { memory: 8 * GiB, vcpus: 4 };
  const unplanned = planProblems(settings, share);
  const request = homeRequest(settings, "kubernetes");
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
  // Another home has different keys.
  const before = isGroup(group) && (change["home"] ?? group["home"]) === group["home"] ? group : {};
  return Object.fromEntries(
    Object.entries({ ...before, ...change }).filter(([, value]) => value !== undefined),
  );
}

function isGroup(value: unknown): value is Changes {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A change to a valid stack, and parts of its error. */
export type Case = readonly [what: string, changes: Changes, ...parts: string[]];

/** Tests that each change causes exactly one error, containing all parts. */
export function refuses(cases: readonly Case[]): void {
  for (const [what, changes, ...parts] of cases) {
    it(`settings check refuses ${what}`, () => {
      const [problem, ...others] = problemsOf(changes);
      expect(others).toEqual([]);
      for (const part of parts) expect(problem).toContain(part);
    });
  }
}
