import type { PoolFacts } from "../../../cli/status/status-pool";
import { problemsOf, type StackStatus } from "../../../cli/status/status-problems";
import type { ServerFacts } from "../../../cli/status/probed-facts";
import { readOutputs } from "../../../engine/read-outputs";
import { Samples } from "../../../components/objectives/plan/samples";
import { OUTPUTS } from "../support/fakes";

const FACTS: ServerFacts = {
  version: "18.4",
  role: "primary",
  sessions: 10,
  maxConnections: 100,
  extensions: { pgcrypto: "1.4" },
  applied: ["000001_users.sql"],
  replication: undefined,
  shutOut: [],
  metrics: new Samples(new Map()),
};
const POOL: PoolFacts = {
  scope: "pool",
  version: "1.18.0",
  maxClients: 100,
  clients: 3,
  entries: {
    sark: {
      mode: "transaction",
      clientsActive: 3,
      clientsWaiting: 0,
      longestWait: 0,
      serversActive: 1,
      serversIdle: 1,
      poolSize: 20,
      maxServers: 40,
    },
  },
  metrics: new Samples(new Map()),
};

type Server = StackStatus["servers"][number];

function problems(
  server: { readonly facts?: Partial<ServerFacts> } & Partial<Server> = {},
  pool: StackStatus["pool"] = null,
): readonly string[] {
  const description = readOutputs(OUTPUTS)?.servers["sark"];
  if (description === undefined) throw new Error("the outputs have a server");
  const { facts, ...more } = server;
  const whole: Server = {
    name: "sark",
    expected: "primary",
    server: description,
    address: { host: "127.0.0.1", port: 15432 },
    answer: { up: true, facts: { ...FACTS, ...facts } },
    pending: [],
    ...more,
  };
  return problemsOf({ stack: "local", servers: [whole], pool }).map(({ text }) => text);
}

function replica(replication: ServerFacts["replication"]) {
  return problems({
    name: "sark replica",
    expected: "replica",
    facts: { role: "replica", applied: undefined, replication },
  });
}

describe("status problems", () => {
  it("are empty for healthy servers", () => {
    expect(problems()).toEqual([]);
    expect(replica({ streaming: true, lagBytes: 0, lagSeconds: 0 })).toEqual([]);
  });

  it("include a server that does not answer", () => {
    expect(problems({ answer: { up: false, error: "connection refused", hung: false } })).toEqual([
      "sark (127.0.0.1:15432) does not answer: connection refused.",
    ]);
  });

  it("do not include servers and pools that were not probed", () => {
    const unasked = { up: null, why: "the tunnel leads elsewhere" } as const;
    expect(problems({ answer: unasked }, unasked)).toEqual([]);
  });

  it("name pending migrations", () => {
    expect(problems({ pending: ["000002_servers.sql"] })).toEqual([
      "sark: 1 migration pending (000002_servers.sql); npm run up applies it.",
    ]);
  });

  it("include an unreadable ledger, which hides pending migrations", () => {
    expect(problems({ facts: { applied: undefined } })[0]).toContain("ledger");
  });

  it("include more sessions than the budget, but not exactly as many", () => {
    expect(problems({ facts: { sessions: 60 } })).toEqual([]);
    expect(problems({ facts: { sessions: 61 } })[0]).toContain(
      "61 open sessions exceed the budget of 60 (max_connections 100)",
    );
  });

  it("include a primary that became a replica", () => {
    expect(problems({ facts: { role: "replica" } })[0]).toBe(
      "sark is a replica, but the stack defines it as the primary.",
    );
  });

  it("include a replica that is not streaming; its lag is an objective", () => {
    expect(replica({ streaming: false, lagBytes: 0, lagSeconds: 0 })[0]).toContain("not streaming");
    expect(replica({ streaming: true, lagBytes: 2 ** 30, lagSeconds: 3600 })).toEqual([]);
  });

  it("include a pool that does not answer, but not one that is not installed", () => {
    expect(problems({}, "absent")).toEqual([]);
    expect(problems({}, { up: true, facts: POOL })).toEqual([]);
    expect(problems({}, { up: false, error: "timeout", hung: false })).toEqual([
      "The pool does not answer: timeout.",
    ]);
  });
});
