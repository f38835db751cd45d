/**
 * A fake server on the port of a stopped one: it asks for the password in some way, and records all that it receives.
 */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import { HOST } from "../../components/homes/local/processes/ports";
import { MessageReader } from "../../components/homes/local/timescale/wire-protocol";
import { AUTHENTICATION, encodeMessage } from "../../components/route/scram-handshake";

const SALT = Buffer.from("salt");
const READY = encodeMessage("Z".charCodeAt(0), Buffer.from("I"));

/** Its replies to the start-up message and to each further message. */
interface Manner {
  readonly start: Buffer | "silent";
  /** @param text the message's content */
  readonly then?: (text: string) => Buffer;
  /** The error that the client reports. */
  readonly told: RegExp;
}

function authentication(kind: number, rest: Buffer | string = ""): Buffer {
  const number = Buffer.alloc(4);
  number.writeUInt32BE(kind);
  return encodeMessage(AUTHENTICATION, Buffer.concat([number, Buffer.from(rest)]));
}

const ok = authentication(0);
const cleartext = authentication(3);
const offer = authentication(10, "SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0");

function challenge(text: string, iterations = 4096): Buffer {
  const nonce = /r=([^,]+)/.exec(text)?.[1] ?? "";
  const salt = randomBytes(16).toString("base64");
  return authentication(11, `r=${nonce}more,s=${salt},i=${iterations}`);
}

/** A SCRAM log-in up to the proof of the client, and then something else than the proof of the server. */
function scram(end: Buffer): Pick<Manner, "start" | "then"> {
  return { start: offer, then: (text) => (text.includes("p=") ? end : challenge(text)) };
}

const WITHOUT_PROOF = /accepted the login without proving that it knows the password/;

/** Ways to ask for a password, or to skip it. */
export const LOGIN_BEHAVIOURS = {
  cleartext: { start: cleartext, told: /asked for the password in clear text/ },
  md5: { start: authentication(5, SALT), told: /asked for an MD5 hash of the password/ },
  trust: {
    start: Buffer.concat([ok, READY]),
    told: /accepted the login without a password/,
  },
  "ready at once": { start: READY, told: /does not speak PostgreSQL's protocol/ },
  kerberos: { start: authentication(2), told: /asked for a Kerberos V5 log-in/ },
  gss: { start: authentication(7), told: /asked for a GSSAPI log-in/ },
  sspi: { start: authentication(9), told: /asked for an SSPI log-in/ },
  "unknown request": {
    start: authentication(99),
    told: /sent an authentication message out of order/,
  },
  "unknown mechanism": {
    start: authentication(10, "OAUTHBEARER\0\u001b[31mPLAIN\0\0"),
    told: /only offers OAUTHBEARER, \\?u\{1b\}\[31mPLAIN/,
  },
  "bound mechanism alone": {
    start: authentication(10, "SCRAM-SHA-256-PLUS\0\0"),
    told: /only offers SCRAM-SHA-256-PLUS/,
  },
  "challenge without an offer": {
    start: authentication(11, "r=x,s=c2FsdA==,i=4096"),
    told: /sent an authentication message out of order/,
  },
  "cleartext with the offer": {
    start: Buffer.concat([offer, cleartext]),
    told: /asked for the password in clear text/,
  },
  "cleartext after the offer": {
    start: offer,
    then: () => cleartext,
    told: /asked for the password in clear text/,
  },
  "few iterations": {
    start: offer,
    then: (text) => challenge(text, 1),
    told: /asked for SCRAM with 1 iterations, fewer than 4096/,
  },
  "no challenge": { start: offer, then: () => Buffer.concat([ok, READY]), told: WITHOUT_PROOF },
  "no proof": { ...scram(Buffer.concat([ok, READY])), told: WITHOUT_PROOF },
  "wrong proof": {
    ...scram(
      Buffer.concat([authentication(12, `v=${randomBytes(32).toString("base64")}`), ok, READY]),
    ),
    told: /failed the log-in \(server signature does not match\)/,
  },
  "cleartext after the proof": {
    ...scram(cleartext),
    told: /asked for the password in clear text/,
  },
  garbage: { start: Buffer.alloc(64, 0xd5), told: /does not speak PostgreSQL's protocol/ },
  "the end": { start: Buffer.alloc(0), told: /terminated unexpectedly/ },
  http: {
    start: Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"),
    told: /does not speak PostgreSQL's protocol/,
  },
  "a request without an end": {
    start: Buffer.from("R\x7f\xff\xff\xff", "latin1"),
    told: /does not speak PostgreSQL's protocol/,
  },
  "a request that is too short": {
    start: Buffer.from("R\0\0\0\x04"),
    told: /sent an authentication message out of order/,
  },
  silence: { start: "silent", told: /accepts connections and answered nothing for \d+ s/ },
} as const satisfies Readonly<Record<string, Manner>>;

export type LoginBehaviour = keyof typeof LOGIN_BEHAVIOURS;

export interface FakeTls {
  readonly key: string;
  readonly cert: string;
}

export class FakePostgres {
  readonly #server: Server;
  readonly #manner: Manner;
  readonly #tls: FakeTls | undefined;
  readonly #sockets = new Set<Socket>();
  #heard = "";
  #answers: string[] = [];

  private constructor(manner: Manner, tls: FakeTls | undefined) {
    this.#manner = manner;
    this.#tls = tls;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => socket.destroy());
      this.#serve(socket);
    });
  }

  /** @param tls its certificate. @default - it declines TLS, and continues */
  static async start(
    name: LoginBehaviour,
    { port = 0, tls }: { port?: number; tls?: FakeTls } = {},
  ) {
    const fake = new FakePostgres(LOGIN_BEHAVIOURS[name], tls);
    fake.#server.listen(port, HOST);
    await once(fake.#server, "listening");
    return fake;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** All that clients have sent, decrypted. */
  get heard(): string {
    return this.#heard;
  }

  /** The content of each message after a start, by its letter: `p` answers a request to log in. */
  get answers(): readonly string[] {
    return this.#answers;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #serve(socket: Socket): void {
    const reader = new MessageReader();
    let started = false;
    const hear = (data: Buffer): void => {
      this.#heard += data.toString("latin1");
      reader.push(data);
      for (;;) {
        if (!started) {
          const opening = reader.opening();
          if (opening === undefined) return;
          if (opening.kind === "encryption" && this.#tls !== undefined) {
            socket.off("data", hear);
            socket.write("S");
            const session = new TLSSocket(socket, {
              isServer: true,
              secureContext: createSecureContext({ ...this.#tls }),
            });
            session.on("error", () => socket.destroy());
            this.#serve(session);
            return;
          }
          if (opening.kind === "encryption") {
            socket.write("N");
            continue;
          }
          started = true;
          const { start } = this.#manner;
          if (start !== "silent") socket.write(start);
          if (start.length === 0) socket.end();
          continue;
        }
        const next = reader.message();
        if (next === undefined) return;
        const text = next.bytes.toString("latin1", 5);
        this.#answers.push(`${next.type} ${text}`);
        const answer = next.type === "p" ? this.#manner.then?.(text) : undefined;
        if (answer === undefined) socket.end();
        else socket.write(answer);
      }
    };
    socket.on("data", hear);
  }
}

/** The response to an MD5 log-in. */
export function md5Answer(user: string, password: string): string {
  const md5 = (...parts: (string | Buffer)[]): string =>
    parts.reduce((hash, part) => hash.update(part), createHash("md5")).digest("hex");
  return `md5${md5(md5(password, user), SALT)}`;
}

/** Number of responses to a SCRAM challenge that it received. */
export function countProofs(fake: FakePostgres): number {
  return fake.answers.filter((answer) => /^p .*,p=/.test(answer)).length;
}
