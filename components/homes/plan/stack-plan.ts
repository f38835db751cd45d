import { budgetProblems } from "../../connections/plan/connection-budget";
import {
  type BudgetInput,
  connectionBudget,
  peakClients,
  serverConnectionsPerInstance,
} from "../../connections/plan/connection-sums";
import {
  preloadLibraries,
  tune,
  tuningProblems,
  withOverrides,
} from "../../parameters/formulas/tune";
import { overrideProblems } from "../../parameters/parameter-overrides";
import { poolEntries } from "../../pool/plan/pool-plan";
import type { Settings } from "../../settings/plan/settings-stack";
import { type Problem, formatProblems } from "../../text/problem";
import { describeServer } from "./describe-server";
import type { DescribedServer } from "./described-server";
import type { MachineShare, ServerPlans } from "./home";
import { homeOf } from "./registry";
import type { ServerPlan } from "./server-plan";

/**
 * Plans both servers. Call {@link planProblems} first: sizes are checked there, not here.
 * @param share of this machine, for a local server without a size
 * @throws Error for a parameter value that PostgreSQL refuses
 */
export function planServers(settings: Settings, share: MachineShare): ServerPlans {
  const sark = describeServer(settings, "sark", share);
  const audit = describeServer(settings, "sark_audit", share);
  return { sark: planServer(sark, audit), sark_audit: planServer(audit, sark) };
}

/** @param beside the other database's server, which shares the pool */
function planServer(server: DescribedServer, beside: DescribedServer): ServerPlan {
  const { database, size, parameters, load, tuning, pool } = server;
  return {
    database,
    maxConnections: tuning.maxConnections,
    parameters:
      parameters === undefined
        ? []
        : withOverrides(tune(tuning), { ...tuning, ...server.kind }, parameters),
    preload: preloadLibraries(tuning.workload),
    size,
    load,
    tuning,
    pool,
    budget: connectionBudget(budgetInput(server, beside)),
    entries: poolEntries(server),
  };
}

/** Input of a server's connection budget, including what the shared pool holds for the other server. */
function budgetInput(server: DescribedServer, beside: DescribedServer): BudgetInput {
  const { sessions, pool } = server;
  if (!pool) return sessions;
  // The same PgBouncer instances also hold connections to the replica and to the other database.
  const own = poolEntries(server);
  const elsewhere = [...own.filter((entry) => entry.replica), ...poolEntries(beside)];
  return {
    ...sessions,
    pgbouncer: {
      ...pool,
      entries: own.filter((entry) => !entry.replica),
      elsewhere: {
        serverConnections: serverConnectionsPerInstance({ ...pool, entries: elsewhere }),
        clients: beside.sessions.clients.reduce((sum, client) => sum + peakClients(client), 0),
      },
    },
  };
}

/** Problems of sizes, parameters and connections that prevent a plan, a paragraph each. */
export function planProblems(settings: Settings, share: MachineShare): readonly string[] {
  const sark = describeServer(settings, "sark", share);
  const audit = describeServer(settings, "sark_audit", share);
  const built = [
    { server: sark, beside: audit },
    { server: audit, beside: sark },
  ].filter(({ server }) => server.parameters !== undefined);
  const problems = built.flatMap(({ server, beside }) => [
    ...machineProblems(settings, server),
    ...budgetProblems(budgetInput(server, beside)),
  ]);
  const overrides = built.flatMap(({ server: { kind, given } }) =>
    given.flatMap((each) => overrideProblems(kind, each)),
  );
  return [...problems, ...overrides].map((problem) => formatProblems([problem]));
}

/** Problems of a server whose machine is too small. */
function machineProblems(
  settings: Settings,
  { database, tuning }: DescribedServer,
): readonly Problem[] {
  const home = homeOf(settings, database);
  return tuningProblems(tuning).map(
    (problem) =>
      home.machineProblem?.(settings, problem, tuning) ?? {
        ...problem,
        key: `${database}: ${problem.key}`,
      },
  );
}
