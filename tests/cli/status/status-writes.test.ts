/** Whether `status` detects that a real server answers but cannot write. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { Client } from "pg";
import type { ServerOutput } from "../../../components/outputs/outputs";
import { probeServer } from "../../../cli/status/probed-facts";
import { problemsOf } from "../../../cli/status/status-problems";
import { type ScratchPostgres, startScratchPostgres } from "../../../scratch/scratch-postgres";

let scratch: ScratchPostgres;
beforeAll(async () => {
  scratch = await startScratchPostgres();
  await admin(
    "create role monitor login password 'monitor-1'",
    "create role app login",
    "create database sark",
  );
});
afterAll(() => scratch.stop());

async function admin(...statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: scratch.connectionString });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

/** The problems that `status` finds. */
async function problems(): Promise<readonly string[]> {
  const { host, port } = scratch;
  const server = {
    ...{ host, port, database: "sark", maxConnections: 100, budget: 80, sslMode: "disable" },
    ...{ engine: "postgresql", migrations: [], limits: [] },
  } as unknown as ServerOutput;
  const login = { host, port, database: "sark", user: "monitor", password: "monitor-1" };
  const answer = await probeServer(server, server, login, ["monitor", "app"], []);
  const address = { host, port };
  const found = {
    name: "sark",
    expected: "primary",
    server,
    address,
    answer,
    pending: [],
  } as const;
  return problemsOf({ stack: "local", servers: [found], pool: null })
    .map(({ text }) => text)
    .filter((text) => !text.includes("ledger"));
}

it("a server that can write has no problem", async () => {
  expect(await problems()).toEqual([]);
});

it.each([
  ["is missing", "drop role app", "create role app login"],
  ["is NOLOGIN", "alter role app nologin", "alter role app login"],
  [
    "has expired",
    "alter role app valid until '2020-01-01'",
    "alter role app valid until 'infinity'",
  ],
])("a login of the stack that %s is reported", async (_what, change, undo) => {
  await admin(change);
  expect(await problems()).toEqual([
    "sark: app cannot log in: the role is missing, expired, or NOLOGIN. Run npm run drift; " +
      'docs/failures.md, "Drift", explains how to restore a role.',
  ]);
  await admin(undo);
  expect(await problems()).toEqual([]);
});

it("a commit that waits for a missing stand-by is reported as a hanging write", async () => {
  await admin("alter system set synchronous_standby_names = 'nobody'", "select pg_reload_conf()");
  expect(await problems()).toEqual([
    "sark answers, but a write fails: a write hangs. A commit waits for a stand-by that does not answer. " +
      "Check synchronous_standby_names and the locks.",
  ]);
  await admin("alter system reset synchronous_standby_names", "select pg_reload_conf()");
});

it.each([
  [
    "database",
    "alter database sark set default_transaction_read_only = on",
    "alter database sark reset all",
  ],
  [
    "login",
    "alter role monitor set default_transaction_read_only = on",
    "alter role monitor reset all",
  ],
])(
  "transactions that are read-only through a setting of the %s are reported",
  async (_of, set, reset) => {
    await admin(set);
    expect(await problems()).toEqual([
      "sark answers, but a write fails: transactions are read-only. Reset default_transaction_read_only " +
        "for the server, the database or the login.",
    ]);
    await admin(reset);
    expect(await problems()).toEqual([]);
  },
);

const isRoot = process.getuid?.() === 0;
(isRoot ? it : it.skip)("a data directory on a full disk is reported", async () => {
  const spill = `${scratch.folder}/data/base/pgsql_tmp`;
  const owner = fs.statSync(`${scratch.folder}/data`);
  fs.mkdirSync(spill, { recursive: true });
  const options = `size=64k,uid=${owner.uid},gid=${owner.gid},mode=700`;
  expect(spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", spill]).status).toBe(0);
  try {
    expect(await problems()).toEqual([
      expect.stringMatching(
        /^sark answers, but a write fails: .*No space left on device\. Free space on its data disk\.$/,
      ) as string,
    ]);
  } finally {
    spawnSync("umount", [spill]);
  }
});
