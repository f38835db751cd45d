/** The owner of the embedded TimescaleDB's one session, with a simulated clock. */
import { Socket } from "node:net";
import {
  type SessionRequest,
  SessionQueue,
  type Turn,
} from "../../../../components/homes/local/timescale/session-queue";

const APPLICATION = { rank: 0, patience: 60_000 };
const LOOKS = { rank: 10, patience: 10_000 };
const CHANGES = { rank: 45, patience: 45_000 };

type Kind = Pick<SessionRequest, "rank" | "patience">;

interface Taken {
  readonly turn: Turn;
  readonly release: () => void;
}

let queue: SessionQueue;
/** Events in order. */
let events: string[];

beforeEach(() => {
  jest.useFakeTimers();
  queue = new SessionQueue();
  events = [];
});

afterEach(() => {
  jest.useRealTimers();
});

function ask(name: string, kind: Kind, socket = new Socket()): Promise<Taken> {
  const taken = queue.take({ name, socket, ...kind }, (reason) => {
    events.push(`${name} is ended: ${reason}`);
  });
  taken.then(
    () => events.push(`${name} has it`),
    (error: unknown) => events.push(`${name} is refused: ${String(error)}`),
  );
  return taken;
}

const pass = (milliseconds: number): Promise<void> => jest.advanceTimersByTimeAsync(milliseconds);

it("session queue serves clients by rank, and within a rank in order of arrival", async () => {
  const first = await ask("first", APPLICATION);
  const later = (
    [
      ["second", APPLICATION],
      ["look", LOOKS],
      ["change", CHANGES],
      ["change too", CHANGES],
      ["third", APPLICATION],
    ] as const
  ).map(async ([name, kind]) => {
    (await ask(name, kind)).release();
  });
  first.release();
  await Promise.all(later);
  expect(events).toEqual(
    ["first", "change", "change too", "look", "second", "third"].map((name) => `${name} has it`),
  );
});

it.each([
  [
    "idle",
    (turn: Turn) => {
      turn.markIdle(false);
    },
    LOOKS,
    1000,
  ],
  [
    "idle in a transaction",
    (turn: Turn) => {
      turn.markIdle(true);
    },
    LOOKS,
    5000,
  ],
  [
    "running a statement",
    (turn: Turn) => {
      turn.markRunning();
    },
    CHANGES,
    30_000,
  ],
] as const)(
  "session queue ends a session that is %s for a higher rank, once and not earlier",
  async (_, be, kind, after) => {
    be((await ask("app", APPLICATION)).turn);
    ask("tool", kind).catch(() => undefined);
    await pass(after - 300);
    expect(events).toEqual(["app has it"]);
    await pass(800);
    expect(events).toEqual([
      "app has it",
      "app is ended: the embedded server has one session, and tool needs it",
    ]);
  },
);

it.each([
  [
    "a statement while a read-only command waits",
    (turn: Turn) => {
      turn.markRunning();
    },
    APPLICATION,
    LOOKS,
  ],
  [
    "a session while a client of the same rank waits",
    (turn: Turn) => {
      turn.markIdle(false);
    },
    LOOKS,
    LOOKS,
  ],
  [
    "a session while a client of a lower rank waits",
    (turn: Turn) => {
      turn.markIdle(false);
    },
    CHANGES,
    LOOKS,
  ],
  [
    "an application's session while another one waits",
    (turn: Turn) => {
      turn.markIdle(false);
    },
    APPLICATION,
    APPLICATION,
  ],
] as const)(
  "session queue keeps %s, and tells the waiting client at its timeout who has the session",
  async (_, be, holder, kind) => {
    be((await ask("holder", holder)).turn);
    ask("waiting", kind).catch(() => undefined);
    await pass(kind.patience - 1);
    expect(events).toEqual(["holder has it"]);
    await pass(1);
    expect(events[1]).toMatch(
      new RegExp(
        `^waiting is refused: .*waited ${kind.patience / 1000} s for the only session .* held by holder, connected for`,
      ),
    );
  },
);

it("session queue skips a client that has disconnected, and starts one session at a time", async () => {
  const first = await ask("first", APPLICATION);
  const socket = new Socket();
  ask("gone", APPLICATION, socket).catch(() => undefined);
  const next = ask("next", APPLICATION);
  socket.destroy();
  await pass(10);
  first.release();
  await pass(0);
  expect(events).toEqual([
    "first has it",
    expect.stringMatching(/^gone is refused/),
    "next has it",
  ]);
  (await next).release();
});
