import { once } from "node:events";
import { type AddressInfo, type Server, type Socket, connect, createServer } from "node:net";
import { type ClientStart, readClientStart } from "../../../components/route/client-start";
import { upgradeToTls } from "../../../components/route/server-session";

const SSL_REQUEST = Buffer.from("0000000804d2162f", "hex");
const GSSENC_REQUEST = Buffer.from("0000000804d21630", "hex");
const CANCEL = Buffer.from("0000001004d2162e0000000100000002", "hex");
const STARTUP = Buffer.from("000000100003000075736572006100" + "00", "hex");

let server: Server;

async function listen(serve: (socket: Socket) => void): Promise<Socket> {
  server = createServer({ pauseOnConnect: true }, serve).listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

afterEach(() => server.close());

describe("readOpening", () => {
  async function opening(
    ...messages: readonly Buffer[]
  ): Promise<[ClientStart | undefined, string]> {
    let read: Promise<ClientStart | undefined> = Promise.resolve(undefined);
    const client = await listen((socket) => {
      read = readClientStart(socket).finally(() => socket.destroy());
    });
    let answers = "";
    client.on("data", (data) => (answers += data.toString()));
    client.end(Buffer.concat(messages));
    await once(client, "close");
    return [await read, answers];
  }

  test("declines encryption twice and then returns the startup message", async () => {
    expect(await opening(SSL_REQUEST, GSSENC_REQUEST, STARTUP)).toEqual([
      { message: STARTUP, cancels: false },
      "NN",
    ]);
  });

  test("accepts a startup message without an encryption request", async () => {
    expect(await opening(STARTUP)).toEqual([{ message: STARTUP, cancels: false }, ""]);
  });

  test("recognises a cancel request", async () => {
    expect(await opening(CANCEL)).toEqual([{ message: CANCEL, cancels: true }, ""]);
  });

  test.each([
    ['"nothing', Buffer.alloc(0)],
    ["less than it says", STARTUP.subarray(0, 12)],
    ["less than a head", STARTUP.subarray(0, 3)],
    ["a length below the minimum", Buffer.from("0000000400030000", "hex")],
    ["more than any client", Buffer.from("7fffffff00030000", "hex")],
  ])("returns nothing for a client that sends %s", async (_, bytes) => {
    expect(await opening(bytes)).toEqual([undefined, ""]);
  });
});

describe("secure", () => {
  const identity = { server: "server", tls: { ca: "" } };

  async function refusal(answer: string): Promise<unknown> {
    const connection = await listen((socket) => {
      socket.resume();
      socket.once("data", () => socket.end(answer));
    });
    return upgradeToTls({ connection, description: "on a port" }, identity).catch(
      (error: unknown) => error,
    );
  }

  test("rejects a server that sends more than its answer, because the rest is unencrypted", async () => {
    expect(await refusal("SR")).toMatchObject({
      message: "on a port: the process that answers there does not speak PostgreSQL's protocol",
      transient: false,
    });
  });

  test("rejects a process that is not PostgreSQL", async () => {
    expect(await refusal("220 mail ready")).toMatchObject({
      message: "on a port: the process that answers there does not speak PostgreSQL's protocol",
    });
  });

  test("reports a server that disconnects as a transient failure", async () => {
    expect(await refusal("")).toMatchObject({
      message: "on a port: the connection was closed before the server answered",
      transient: true,
    });
  });

  test("reports a server that disconnects during the TLS handshake as a transient failure", async () => {
    expect(await refusal("S")).toMatchObject({ transient: true });
  });
});
