/** Clients that try to hang, fill or crash the embedded TimescaleDB. */
import { once } from "node:events";
import { connect } from "node:net";
import type { Client } from "pg";
import { readIfThere } from "../../../../components/homes/local/processes/private-files";
import { waitUntil } from "../../../../components/homes/local/processes/process";
import { enginePidFile } from "../../../../components/homes/local/timescale/engine-process";
import { stopTimescale } from "../../../../components/homes/local/timescale/server-process";
import { int32, serverMessage } from "../../../../components/homes/local/timescale/wire-protocol";
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
  server = await startScratchTimescale(undefined, { sark_migrate: 45 });
  as = new TimescaleSessions(server, PASSWORD);
  await as.asAdmin(
    ...["app", "sark_migrate"].map((name) => `create role ${name} login password '${PASSWORD}'`),
    "create table public.kept (n int)",
    "insert into public.kept values (1)",
  );
});

afterAll(() => server.stop());

const enginePid = (): number => Number(readIfThere(enginePidFile(server.folder)));

const kept = async (): Promise<void> => {
  expect(await as.rows({}, "select n from public.kept")).toEqual([{ n: 1 }]);
};

/** The salt that the server sends for a login name. */
async function saltOf(user: string): Promise<string | undefined> {
  const parameters = Buffer.from(`user\0${user}\0database\0sark_audit\0\0`);
  const first = "n,,n=,r=nonce";
  const socket = connect({ host: server.host, port: server.port });
  socket.write(Buffer.concat([int32(8 + parameters.length), int32(196608), parameters]));
  await once(socket, "data");
  socket.write(serverMessage("p", "SCRAM-SHA-256", int32(first.length), Buffer.from(first)));
  const [challenge] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  return /,s=([^,]+)/.exec(challenge.toString("latin1"))?.[1];
}

describe("a hostile client of the embedded TimescaleDB", () => {
  const send = async (who: Who, ...messages: readonly Buffer[]): Promise<Client> => {
    const client = as.client(who);
    await client.connect();
    for (const message of messages) client.connection.stream.write(message);
    return client;
  };
  const query = (text: string): Buffer => serverMessage("Q", text);
  const inTime = async (): Promise<void> => {
    expect(await as.rows({ user: "sark_migrate" }, "select 1 as one")).toEqual([{ one: 1 }]);
  };

  it("that never reads its reply loses the session to a login of a higher rank", async () => {
    const client = as.client({ user: "app" });
    await client.connect();
    client.connection.stream.pause();
    client.connection.stream.write(query("select repeat('x', 100000000)"));
    await waitUntil(() => false, 1500);
    const began = Date.now();
    await inTime();
    expect(Date.now() - began).toBeLessThan(20_000);
  });

  it("that stops in the middle of a COPY loses the session to a login of a higher rank", async () => {
    await send({ user: "app" }, query("copy public.kept from stdin"));
    await inTime();
  });

  it("that copies more than 64 MB gets an error, and its session continues", async () => {
    const client = await send({ user: "app" }, query("copy public.kept from stdin"));
    // The driver aborts a COPY that it did not start itself.
    client.connection.removeAllListeners("copyInResponse");
    const refused = once(client.connection, "errorMessage");
    await waitUntil(() => false, 200);
    const piece = serverMessage("d", Buffer.alloc(8 * 1024 * 1024));
    for (const message of [...Array.from({ length: 10 }, () => piece), serverMessage("c")]) {
      client.connection.stream.write(message);
    }
    expect(await refused).toMatchObject([{ code: "54000" }]);
    await client.end();
  });

  it("that disconnects after sending many messages ahead has its statement ended", async () => {
    const ahead = Buffer.concat(Array.from({ length: 1_000_000 }, () => serverMessage("H")));
    const client = await send({ user: "app" }, query(ENDLESS), ahead);
    await waitUntil(() => false, 1000);
    client.connection.stream.destroy();
    await kept();
  });

  it("that sends too much before its session is disconnected", async () => {
    const socket = connect({ host: server.host, port: server.port });
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => undefined).resume();
    socket.write(
      Buffer.concat([Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]), Buffer.alloc(200_000, 1)]),
    );
    await closed;
    await kept();
  });

  it.each(["-c client_encoding=EUC_JP", "-c sort_mem=64"])(
    "does not crash the engine with %s",
    async (options) => {
      const engine = enginePid();
      await as.rows({ user: "app", options }, "select 1").catch(() => undefined);
      await kept();
      expect(enginePid()).toBe(engine);
    },
  );

  it("does not crash the engine at its next log-in with a setting of its role", async () => {
    await as.with({ user: "app" }, (client) =>
      client.query("alter role current_user set client_encoding = 'EUC_JP'"),
    );
    const engine = enginePid();
    expect(await as.rows({ user: "app" }, "select 1 as one")).toEqual([{ one: 1 }]);
    expect(enginePid()).toBe(engine);
  });

  it("that disconnects after an error in the middle of a message leaves nothing behind", async () => {
    const engine = enginePid();
    const client = await send(
      { user: "app" },
      query("begin"),
      serverMessage("P", "", "no statement", Buffer.alloc(2)),
    );
    await waitUntil(() => false, 500);
    client.connection.stream.destroy();
    await kept();
    expect(enginePid()).toBe(engine);
  });

  it("is refused when 100 clients are waiting", async () => {
    const holder = await send({ user: "app" });
    const crowd = Array.from({ length: 101 }, () => as.client({ user: "app" }));
    const refused: Promise<unknown>[] = [];
    for (const client of crowd) {
      refused.push(client.connect().catch((error: unknown) => error));
      // The limit of concurrent log-ins.
      if (refused.length % 50 === 0) await waitUntil(() => false, 2000);
    }
    expect(await Promise.race(refused)).toMatchObject({
      code: "53300",
      message: "too many clients: 100 are waiting for the session",
    });
    for (const client of [holder, ...crowd]) client.connection.stream.destroy();
    await kept();
  });

  it("does not learn from a restart which logins exist", async () => {
    const before = await saltOf("nobody");
    await stopTimescale(server.folder);
    await server.start();
    expect(await saltOf("nobody")).toBe(before);
    expect(await saltOf("somebody")).not.toBe(before);
  });

  it("gets a session in SQL_ASCII", async () => {
    const options = "-c client_encoding=SQL_ASCII";
    expect(await as.rows({ user: "app", options }, "select 'ä' as a")).toEqual([{ a: "ä" }]);
  });
});
