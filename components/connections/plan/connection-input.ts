import type { BudgetInput, MaxSurge, PgBouncerPlan } from "./connection-sums";
import { quoted } from "../../text/printable";
import type { Problem } from "../../text/problem";

/** Values that no sum can be made of: fractions, negatives, and words for "no limit". */
export function inputProblems(input: BudgetInput): Problem[] {
  const { clients, pgbouncer } = input;
  const sessions = Object.entries(input.sessions ?? {});
  return [
    ...whole("max_connections", input.maxConnections, 1),
    ...clients.flatMap((pool) => [
      ...whole(`${pool.name} pods`, pool.pods, 0),
      ...whole(`${pool.name} autoscaler maximum`, pool.autoscalerMaximum ?? 0, 0),
      ...surge(`${pool.name} maxSurge`, pool.maxSurge),
      ...whole(`${pool.name} pool size`, pool.poolSize, 1),
      ...whole(`${pool.name} overflow`, pool.maxOverflow, 0),
    ]),
    ...(pgbouncer ? planProblems(pgbouncer) : clientsWithoutPool(input)),
    ...whole("replicas", input.replicas, 0),
    ...sessions.flatMap(([name, count]) => whole(name, count, 0)),
    ...(input.extra ?? []).flatMap(({ name, count }) => whole(name, count, 0)),
    ...whole("superuser_reserved_connections", input.superuserReserved ?? 0, 0),
    ...whole("reserved_connections", input.reserved ?? 0, 0),
    ...whole("provider's own sessions", input.providerReserved ?? 0, 0),
  ].map((problem) => ({ ...problem, key: `${input.server}.${problem.key}` }));
}

function planProblems(plan: PgBouncerPlan): Problem[] {
  return [
    ...whole("pgbouncer instances", plan.instances, 1),
    ...surge("pgbouncer maxSurge", plan.maxSurge),
    ...whole("default_pool_size", plan.defaultPoolSize, 1),
    ...whole("reserve_pool_size", plan.reservePoolSize, 0),
    ...whole("max_db_connections", plan.maxDbConnections, 0),
    ...whole("max_client_conn", plan.maxClientConn, 1),
    ...whole("open_files", plan.openFiles, 1),
    ...whole("server connections elsewhere", plan.elsewhere?.serverConnections ?? 0, 0),
    ...whole("clients of other servers", plan.elsewhere?.clients ?? 0, 0),
    ...plan.entries.flatMap((entry) => [
      ...whole(`${entry.name} logins`, entry.logins, 1),
      ...whole(`${entry.name} pool_size`, entry.poolSize ?? 1, 1),
      ...whole(`${entry.name} reserve_pool_size`, entry.reservePoolSize ?? 0, 0),
      ...whole(`${entry.name} max_db_connections`, entry.maxDbConnections ?? 0, 0),
    ]),
  ];
}

function clientsWithoutPool({ clients }: BudgetInput): Problem[] {
  return clients
    .filter(({ via }) => via === "pgbouncer")
    .map(({ name }) => ({
      key: `${name} via`,
      value: "pgbouncer",
      allowed: "direct, or a PgBouncer in the plan",
      why: "its connections would be counted nowhere",
    }));
}

/** No plan needs more, and sums of such numbers stay exact. */
const MOST = 1_000_000;

function whole(key: string, value: number, least: number): Problem[] {
  if (Number.isInteger(value) && value >= least && value <= MOST) return [];
  return [
    {
      key,
      value,
      allowed: `a whole number from ${least} to ${MOST}`,
      why: "without a limit there is no budget",
    },
  ];
}

function surge(key: string, value: MaxSurge): Problem[] {
  if (typeof value === "number") return whole(key, value, 0);
  if (/^\d{1,4}%$/.test(value)) return [];
  return [
    {
      key,
      value: quoted(value),
      allowed: "a number of pods or a share such as 25%",
      why: "a rolling update runs that many pods more",
    },
  ];
}
