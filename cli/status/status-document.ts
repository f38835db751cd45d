import type { ObjectiveState } from "../../components/objectives/plan/objective-state";
import type { StackStatus } from "./status-problems";
import type { Reading } from "./status-report";
import type { ProbeResult } from "./status-probe";

/** A reading as the document of `--json`. */
export function statusDocument({ status, measured, problems }: Reading): object {
  const { stack, servers, pool } = status;
  const objectivesOf = (name: string) =>
    (measured.find((server) => server.name === name)?.objectives ?? []).map(objectiveDocument);
  return {
    stack,
    servers: servers.map(({ name, server, address, answer, pending }) => ({
      name,
      database: server.database,
      ...address,
      ...answerDocument(answer),
      ...(answer.up ? { applied: answer.facts.applied ?? null } : {}),
      budget: server.budget,
      pending,
      limits: server.limits,
      objectives: objectivesOf(name),
    })),
    pool: poolDocument(pool, objectivesOf("pool")),
    problems: problems.map(({ text }) => text),
  };
}

function poolDocument(pool: StackStatus["pool"], objectives: readonly object[]): object | null {
  if (pool === null) return null;
  if (pool === "absent") return { up: false, installed: false, objectives };
  return { ...answerDocument(pool), installed: true, objectives };
}

/** `up` is null for a server or pool that was not probed. */
function answerDocument(answer: ProbeResult<{ readonly metrics: unknown }>): object {
  if (!answer.up) return answer;
  const { metrics, ...facts } = answer.facts;
  return { up: true, ...facts };
}

function objectiveDocument({ objective, state, value, labels, reason }: ObjectiveState): object {
  const { name, unit, query, target, critical } = objective;
  return {
    name,
    state,
    value: value ?? null,
    target: target ?? null,
    critical: critical ?? null,
    unit,
    query: query ?? null,
    labels,
    ...(reason === undefined ? {} : { reason }),
  };
}
