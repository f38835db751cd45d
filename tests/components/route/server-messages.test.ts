import { ScramHandshake } from "../../../components/route/scram-handshake";
import { ServerMessages, errorResponse } from "../../../components/route/server-messages";

const LOGGED_IN = 0;
const MECHANISMS = 10;
const CHALLENGE = 11;
const PROOF = 12;

function message(type: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length + 4);
  return Buffer.concat([Buffer.from(type), length, content]);
}

function authentication(kind: number, rest = ""): Buffer {
  const number = Buffer.alloc(4);
  number.writeUInt32BE(kind);
  return message("R", Buffer.concat([number, Buffer.from(rest)]));
}

const row = message("D", Buffer.from("a row, whose content may look like a message: E\0\0\0\x05!"));
const offer = authentication(MECHANISMS, "SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0");
const plainOffer = authentication(MECHANISMS, "SCRAM-SHA-256\0\0");
const rest = Buffer.concat([
  authentication(CHALLENGE, "r=nonce,s=c2FsdA==,i=4096"),
  authentication(PROOF, "v=proof"),
  authentication(LOGGED_IN),
]);
const loggedIn = Buffer.concat([plainOffer, rest]);

/** Bytes that the client gets for these chunks, and for the reason of a loss. */
async function passed(chunks: readonly Buffer[], loss?: string): Promise<Buffer> {
  const messages = new ServerMessages(new ScramHandshake("server"));
  for (const chunk of chunks) messages.write(chunk);
  if (loss === undefined) messages.end();
  else messages.lose(loss);
  const parts: Buffer[] = [];
  for await (const part of messages) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** The same bytes, split in two at each position. */
function cuts(whole: Buffer): readonly (readonly Buffer[])[] {
  return Array.from({ length: whole.length - 1 }, (_, at) => [
    whole.subarray(0, at + 1),
    whole.subarray(at + 1),
  ]);
}

test("ServerMessages removes the offer of channel binding, however the data is split", async () => {
  const session = Buffer.concat([offer, rest, row, row]);
  const expected = Buffer.concat([loggedIn, row, row]);
  for (const chunks of [[session], ...cuts(session)]) {
    expect(await passed(chunks)).toEqual(expected);
  }
});

test("ServerMessages passes everything on unchanged after log-in", async () => {
  expect(await passed([loggedIn, offer, row])).toEqual(Buffer.concat([loggedIn, offer, row]));
});

test("ServerMessages replaces a password request by an error and ends, however the data is split", async () => {
  const session = Buffer.concat([offer, authentication(3), row]);
  for (const chunks of [[session], ...cuts(session)]) {
    const text = (await passed(chunks)).toString("latin1");
    expect(text).toMatch(/the server at server asked for the password in clear text.*\0\0$/s);
    expect(text).not.toContain("a row");
    expect(text.startsWith(plainOffer.toString("latin1"))).toBe(true);
  }
});

test("ServerMessages reports a loss between two messages, however the data is split", async () => {
  const session = Buffer.concat([loggedIn, row, row]);
  for (const chunks of [[session], ...cuts(session)]) {
    expect(await passed(chunks, "gone")).toEqual(Buffer.concat([session, errorResponse("gone")]));
  }
});

test("ServerMessages does not report a loss inside a message", async () => {
  const whole = Buffer.concat([loggedIn, row]);
  for (let length = loggedIn.length + 1; length < whole.length; length += 1) {
    const part = whole.subarray(0, length);
    expect(await passed([part], "gone")).toEqual(part);
  }
});

test("ServerMessages does not report a loss that the server has reported", async () => {
  const farewell = errorResponse("terminating connection");
  expect(await passed([loggedIn, farewell], "gone")).toEqual(Buffer.concat([loggedIn, farewell]));
});

test("errorResponse has the fields of a server's connection failure", () => {
  expect(errorResponse("gone").subarray(5).toString().split("\0")).toEqual([
    "SFATAL",
    "VFATAL",
    "C08006",
    "Mgone",
    "",
    "",
  ]);
});
