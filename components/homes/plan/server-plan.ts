import { classTooSmall } from "../aws/database/plan/class-problems";
import { primaryClass } from "../aws/database/plan/instance-classes";
import { budgetProblems } from "../../connections/plan/connection-budget";
import {
  type BudgetInput,
  type ConnectionBudget,
  connectionBudget,
  peakClients,
  serverConnectionsPerInstance,
} from "../../connections/plan/connection-sums";
import { overrideProblems, replicaOverrideProblems } from "../../parameters/parameter-overrides";
import {
  type ParameterSet,
  preloadLibraries,
  tune,
  tuningProblems,
  withOverrides,
} from "../../parameters/formulas/tune";
import { type PoolEntryPlan, poolEntries } from "../../pool/plan/pool-plan";
import type { DatabaseName } from "../../roles/plan/role-plan";
import type { ServerSize, Settings } from "../../settings/plan/settings-schema";
import { type Problem, formatProblems } from "../../text/problem";
import { type DescribedServer, type MachineShare, describeServer } from "./described-server";

/** All that is computed for one server before any resource exists. */
export interface ServerPlan {
  readonly database: DatabaseName;
  readonly maxConnections: number;
  readonly parameters: ParameterSet;
  readonly preload: readonly string[];
  /** The machine that the parameters were computed for; sizes in bytes. */
  readonly size: ServerSize;
  readonly budget: ConnectionBudget;
  /** The pool's entries that lead to this server. */
  readonly entries: readonly PoolEntryPlan[];
}

/**
 * Plans both servers. Call {@link planProblems} before.
 * @param share this machine's, for a local home whose size is left out
 * @throws Error for a value that PostgreSQL refuses; it does not judge sizes
 */
export function planServers(
  settings: Settings,
  share: MachineShare,
): Readonly<Record<DatabaseName, ServerPlan>> {
  const sark = describeServer(settings, "sark", share);
  const audit = describeServer(settings, "sark_audit", share);
  return { sark: planServer(sark, audit), sark_audit: planServer(audit, sark) };
}

/** @param beside the server that the same pool leads to */
function planServer(server: DescribedServer, beside: DescribedServer): ServerPlan {
  const { database, size, parameters } = server;
  return {
    database,
    maxConnections: server.tuning.maxConnections,
    parameters:
      parameters === undefined
        ? []
        : withOverrides(tune(server.tuning), { ...server.tuning, home: server.home }, parameters),
    preload: preloadLibraries(server.tuning.workload),
    size,
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
  const overrides = built.flatMap(({ server: { database } }) => [
    ...overrideProblems(settings, database),
    ...(database === "sark" ? replicaOverrideProblems(settings) : []),
  ]);
  return [...problems, ...overrides].map((problem) => formatProblems([problem]));
}

/** What the machine of a server is too small for; on RDS its class is what can be changed. */
function machineProblems(
  settings: Settings,
  { database, home, tuning }: DescribedServer,
): readonly Problem[] {
  const machine = home === "aws" ? primaryClass(settings) : undefined;
  return tuningProblems(tuning).map((problem) =>
    machine !== undefined && problem.key === "memory"
      ? classTooSmall(problem, tuning, machine, ["sark", "rds", "instanceClass"])
      : { ...problem, key: `${database}: ${problem.key}` },
  );
}
