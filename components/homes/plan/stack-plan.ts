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
 * Plans both servers. Call {@link planProblems} before.
 * @param share this machine's, for a local home whose size is left out
 * @throws Error for a value that PostgreSQL refuses; it does not judge sizes
 */
export function planServers(settings: Settings, share: MachineShare): ServerPlans {
  const sark = describeServer(settings, "sark", share);
  const audit = describeServer(settings, "sark_audit", share);
  return { sark: planServer(sark, audit), sark_audit: planServer(audit, sark) };
}

/** @param beside the server that the same pool leads to */
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

/** Everything that connects to one server, with what the pool holds for the other one beside it. */
function budgetInput(server: DescribedServer, beside: DescribedServer): BudgetInput {
  const { sessions, pool } = server;
  if (!pool) return sessions;
  // The same instances also hold connections to the replica, and those of the other database.
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

/** Everything that keeps the servers from being planned, a paragraph each: sizes, parameters, connections. */
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

/** What the machine of a server is too small for. */
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
