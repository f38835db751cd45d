/** Clients that would occupy the one session of the embedded TimescaleDB for ever. */
import { spawnSync } from "node:child_process";
import { readIfThere } from "../../../../components/homes/local/processes/private-files";
import { processState, waitUntil } from "../../../../components/homes/local/processes/process";
import { enginePidFile } from "../../../../components/homes/local/timescale/engine-process";
import {
  isTimescaleAnswering,
  runningTimescale,
  stopTimescale,
} from "../../../../components/homes/local/timescale/server-process";
import {
  type ScratchTimescale,
  startScratchTimescale,
} from "../../../../scratch/scratch-timescale";
import { TimescaleSessions, type Who } from "../../../support/timescale-sessions";

jest.setTimeout(60_000);

const PASSWORD = "of-this-test-alone";
const ENDLESS = "do $$ begin loop end loop; end $$";
let server: ScratchTimescale;
let as: TimescaleSessions;

beforeAll(async () => {
  server = await startScratchTimescale(undefined, { sark_monitor: 2, sark_migrate: 45 });
  as = new TimescaleSessions(server, PASSWORD);
  await as.asAdmin(
    ...["app", "sark_monitor", "sark_migrate"].map(
      (name) => `create role ${name} login password '${PASSWORD}'`,
    ),
    "grant create, usage on schema public to app",
    "create table public.kept (n int)",
    "insert into public.kept values (1)",
  );
});

afterAll(() => server.stop());

const enginePid = (): number => Number(readIfThere(enginePidFile(server.folder)));

/**
 * Lets a client run an endless statement, and waits until the engine runs it.
 * @returns the statement's result, and a function that disconnects the client
 */
async function endless(who: Who): Promise<{ end: Promise<unknown>; leave: () => void }> {
  const client = as.client(who);
  await client.connect();
  const end = client.query(ENDLESS).catch((error: unknown) => error);
  await waitUntil(() => false, 300);
  return { end, leave: () => client.connection.stream.destroy() };
}

const kept = async (): Promise<void> => {
  expect(await as.rows({}, "select n from public.kept")).toEqual([{ n: 1 }]);
};

describe("endless recursion in the embedded TimescaleDB", () => {
  it.each([
    [
      "a function",
      "create function public.deep(i int) returns int language plpgsql as 'begin return public.deep(i + 1); end'; select public.deep(1)",
    ],
    [
      "a function in SQL",
      "create function public.flat(i int) returns int language sql as 'select case when i < 0 then 0 else public.flat(i + 1) end'; select public.flat(1)",
    ],
    ["an expression", `select 1${" + 1".repeat(50_000)}`],
    ["a union", `select 1${" union all select 1".repeat(20_000)}`],
  ])("of %s ends with an error, and the session continues", async (_, statement) => {
    await as.with({ user: "app" }, async (client) => {
      await expect(client.query(statement)).rejects.toMatchObject({ code: "54001" });
      expect((await client.query<Record<string, unknown>>("select 1 as one")).rows).toEqual([
        { one: 1 },
      ]);
    });
  });

  it("of nested JSON ends the session, and committed rows are kept", async () => {
    await expect(
      as.rows({ user: "app" }, "select repeat('[', 300000)::json"),
    ).rejects.toMatchObject({
      code: "57P02",
    });
    await kept();
  });
});

describe("a client that holds the session of the embedded TimescaleDB", () => {
  it("loses it when idle to a login of the stack, whose name it is told", async () => {
    await as.with({ user: "app" }, async (idle) => {
      const told = new Promise((resolve) => idle.once("error", resolve));
      expect(await as.rows({ user: "sark_monitor" }, "select 1 as one")).toEqual([{ one: 1 }]);
      expect(await told).toMatchObject({
        code: "57P01",
        message: expect.stringContaining("sark_monitor") as string,
      });
    });
  });

  it("is named to a client whose wait timed out, with control characters escaped", async () => {
    const application_name = "report\u001b[2J";
    await as.with({ user: "app", application_name }, async (client) => {
      await client.query("begin");
      const refused = as.rows({ user: "sark_monitor" }, "select 1");
      await expect(refused).rejects.toMatchObject({
        code: "53300",
        message: expect.stringMatching(
          /held by app \(report\\u\{1b\}\[2J\), connected for \d+ s, idle in a transaction for \d+ s/,
        ) as string,
      });
    });
  });
});

describe("an endless statement in the embedded TimescaleDB", () => {
  it("ends after its statement_timeout, and committed rows are kept", async () => {
    const { end } = await endless({ user: "app", options: "-c statement_timeout=1500" });
    expect(await end).toMatchObject({ code: "57014" });
    await kept();
  });

  it("obeys the statement_timeout that the session sets or removes", async () => {
    await as.with({ user: "app", options: "-c statement_timeout=500" }, async (client) => {
      await client.query("set statement_timeout = 0");
      await client.query("select pg_sleep(1)");
      await client.query("set statement_timeout = 400");
      await expect(client.query("select pg_sleep(5)")).rejects.toMatchObject({ code: "57014" });
    });
  });

  it("continues while the wait of a read-only login times out, with an error that names the client", async () => {
    const { leave } = await endless({ user: "app", application_name: "report" });
    expect(await isTimescaleAnswering(server.folder)).toBe(true);
    await expect(as.rows({ user: "sark_monitor" }, "select 1")).rejects.toMatchObject({
      code: "53300",
      message: expect.stringMatching(
        /held by app \(report\), .* running a statement for \d s/,
      ) as string,
    });
    leave();
    await kept();
  });

  it("is ended after its client has disconnected", async () => {
    const { leave } = await endless({ user: "app" });
    leave();
    await kept();
  });

  it("is ended for a login that has waited 30 s to make changes", async () => {
    const { end } = await endless({ user: "app" });
    expect(await as.rows({ user: "sark_migrate" }, "select 1 as one")).toEqual([{ one: 1 }]);
    expect(await end).toMatchObject({
      code: "57P01",
      message: expect.stringContaining("sark_migrate") as string,
    });
    await kept();
  });

  it("does not prevent a shutdown of the server", async () => {
    const { end } = await endless({ user: "app" });
    const pids = [runningTimescale(server.folder)?.pid ?? 0, enginePid()];
    await stopTimescale(server.folder);
    expect(await end).toMatchObject({ code: "57P01" });
    expect(pids.map(processState)).toEqual([undefined, undefined]);
    await server.start();
    await kept();
  });
});

describe("the engine process of the embedded TimescaleDB", () => {
  it("is restarted after a kill, and its client gets an error", async () => {
    const { end } = await endless({ user: "app" });
    process.kill(enginePid(), "SIGKILL");
    expect(await end).toMatchObject({ code: "57P02" });
    await kept();
  });

  it("is replaced after a signal stopped it, once a client has timed out", async () => {
    // By then the clean-up of the last session is done.
    await waitUntil(() => false, 500);
    process.kill(enginePid(), "SIGSTOP");
    expect(await waitUntil(async () => !(await isTimescaleAnswering(server.folder)), 5000)).toBe(
      true,
    );
    await expect(as.rows({ user: "app" }, "select 1")).rejects.toMatchObject({ code: "57P02" });
    await kept();
  });

  it("is not started by a second server of the same folder, whose port is in use", async () => {
    const [before, running] = [enginePid(), runningTimescale(server.folder)];
    const [script = "", ...args] = (processState(running?.pid ?? 0)?.command ?? "")
      .split(" ")
      .filter((word) => !word.startsWith("--"))
      .slice(1);
    const second = spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });
    expect(second.stderr).toContain("EADDRINUSE");
    expect([enginePid(), runningTimescale(server.folder)]).toEqual([before, running]);
    await kept();
  });

  it("is killed, if left over in a statement, before another one opens the data", async () => {
    await endless({ user: "app" });
    const left = enginePid();
    process.kill(runningTimescale(server.folder)?.pid ?? 0, "SIGKILL");
    await waitUntil(() => runningTimescale(server.folder) === undefined, 5000);
    expect(processState(left)).toBeDefined();
    await server.start();
    expect(processState(left)).toBeUndefined();
    await kept();
  });
});
