import { watchedObjectives } from "../../components/objectives/plan/alert-rules";
import type { Overrides } from "../../components/objectives/plan/catalogue";
import { metricsOf } from "../../components/objectives/plan/expression";
import { publishedMetrics } from "../../components/objectives/plan/metric-queries";
import { partsOf } from "../../components/objectives/plan/objective";
import {
  type ObjectiveState,
  type State,
  stateOf,
} from "../../components/objectives/plan/objective-state";
import { Samples } from "../../components/objectives/plan/samples";
import type { QueryFile } from "../../components/queries/plan/query-file";
import { DATABASES } from "../../components/roles/plan/role-plan";
import { replicaOf } from "../../engine/read-outputs";
import type { ObjectiveOf, ServerStatus, StackStatus } from "./status-problems";
import type { ProbeResult } from "./status-probe";

/** The objectives of one server, or of the pool. */
export interface MeasuredServer {
  readonly name: string;
  readonly objectives: readonly ObjectiveState[];
}

/** Figures of a stack that its objectives depend on. */
export interface Measures {
  readonly queries: readonly QueryFile[];
  readonly overrides: Overrides | undefined;
}

const POOL = "pool";

/**
 * Computes the objectives of each server and of the pool. Pure.
 * @param earlier a reading from which counters are counted
 */
export function measuredObjectives(
  { servers, pool }: StackStatus,
  measures: Measures,
  earlier?: StackStatus,
): readonly MeasuredServer[] {
  const before = (name: string) => earlier?.servers.find((server) => server.name === name)?.answer;
  return [
    ...servers.map((server) => ({
      name: server.name,
      objectives: objectivesOfServer(server, measures, before(server.name)),
    })),
    ...(pool === null || pool === "absent"
      ? []
      : [{ name: POOL, objectives: objectivesOfPool(pool, measures, earlier?.pool) }]),
  ];
}

function objectivesOfServer(
  { server, expected, answer }: ServerStatus,
  { queries, overrides }: Measures,
  earlier: ServerStatus["answer"] | undefined,
): readonly ObjectiveState[] {
  const database = DATABASES.find((each) => each === server.database);
  if (answer.up === null || database === undefined) return [];
  const replicas = server.runs?.replicas ?? (replicaOf(server) === undefined ? 0 : 1);
  const has = partsOf(server.lacks ?? [], replicas);
  const role = answer.up ? answer.facts.role : expected;
  const published = publishedMetrics(queries, { database, role });
  const samples = samplesOf(answer, earlier);
  return watchedObjectives({ subject: database, has }, overrides)
    .filter(({ measure }) => metricsOf(measure).every((metric) => published.has(metric)))
    .map((objective) =>
      stateOf(objective, samples, { replicas, migrations: server.migrations.length }),
    );
}

function objectivesOfPool(
  pool: Exclude<StackStatus["pool"], "absent" | null>,
  { overrides }: Measures,
  earlier: StackStatus["pool"] | undefined,
): readonly ObjectiveState[] {
  if (pool.up === null) return [];
  const samples = samplesOf(pool, earlier === "absent" || earlier === null ? undefined : earlier);
  return watchedObjectives({ subject: POOL, has: [] }, overrides).map((objective) =>
    stateOf(objective, samples, { replicas: 0, migrations: 0 }),
  );
}

type Answer = ProbeResult<{ readonly metrics: Samples }>;

function samplesOf(answer: Answer, earlier: Answer | undefined): Samples {
  if (answer.up !== true) return new Samples(new Map());
  return answer.facts.metrics.since(earlier?.up === true ? earlier.facts.metrics : undefined);
}

/** Number of objectives in each state, worst first; without states that none is in. */
export function countByState(
  measured: readonly MeasuredServer[],
): readonly (readonly [State, number])[] {
  const states = measured.flatMap(({ objectives }) => objectives.map(({ state }) => state));
  return (["critical", "warning", "good", "unknown"] as const)
    .map((state) => [state, states.filter((each) => each === state).length] as const)
    .filter(([, number]) => number > 0);
}

/** The objectives that a person should look at, without those that a problem already names. */
export function notGood(
  measured: readonly MeasuredServer[],
  covered: readonly ObjectiveOf[],
): readonly MeasuredServer[] {
  return measured
    .map(({ name, objectives }) => ({
      name,
      objectives: objectives.filter(
        ({ objective, state, reason }) =>
          (state === "unknown" ? reason !== undefined : state !== "good") &&
          !covered.some((each) => each.server === name && each.objective === objective.name),
      ),
    }))
    .filter(({ objectives }) => objectives.length > 0);
}
