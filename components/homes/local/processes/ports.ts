/** Ports of this machine: who holds one, which is free, and whether a PostgreSQL answers there. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect, createServer } from "node:net";
import { shortened } from "../../../text/printable";
import { processState } from "./process";

/** All servers listen here alone: nothing of the local home is reachable from another machine. */
export const HOST = "127.0.0.1";

/** True when a server could listen on the port now. */
export async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(false);
    });
    server.listen(port, HOST, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/** A port that is free at this moment; another process may take it before it is used. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, HOST, () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === "string") reject(new Error("no port given"));
        else resolve(address.port);
      });
    });
  });
}

/** A process that listens on a port. */
export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

/** Who listens on the port; undefined where that cannot be seen: other systems than Linux, or another user's process. */
export function findPortHolder(port: number): PortHolder | undefined {
  const inode = listeningInode(port);
  if (inode === undefined) return undefined;
  const pid = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .find((name) => openFiles(name).includes(`socket:[${inode}]`));
  if (pid === undefined) return undefined;
  return { pid: Number(pid), command: processState(Number(pid))?.command ?? "unknown" };
}

/** The holder of a port, as "process 123 (postgres)". */
export function portHolder(port: number): string | undefined {
  const holder = findPortHolder(port);
  return holder && describeHolder(holder);
}

export function describeHolder({ pid, command }: PortHolder): string {
  return `process ${pid} (${shortened(command.split(" ", 1)[0]?.split("/").at(-1) ?? "")})`;
}

function listeningInode(port: number): string | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    for (const line of readLines(table)) {
      const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
      // 0A is LISTEN.
      if (local.endsWith(`:${hex}`) && state === "0A") return inode;
    }
  }
  return undefined;
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n");
  } catch {
    return [];
  }
}

function openFiles(pid: string): string[] {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).map((fd) => {
      try {
        return readlinkSync(`${folder}/${fd}`);
      } catch {
        return "";
      }
    });
  } catch {
    return [];
  }
}

/** What a port says to a PostgreSQL client that has not logged in. */
export type Answer = "ready" | "starting" | "silent" | "refused";

/** SQLSTATE cannot_connect_now: starting, stopping, or a standby that is not yet consistent. */
const CANNOT_CONNECT_NOW = "57P03";

/**
 * Asks as `pg_isready` does: the first packet of a session, without a password. A request for one,
 * or any other refusal than "not now", comes from a server that takes sessions.
 */
export async function askPostgres(port: number, milliseconds = 3000): Promise<Answer> {
  return ask(port, startupPacket(), milliseconds, (reply) => {
    if (reply.startsWith("R")) return "ready";
    if (!reply.startsWith("E")) return "silent";
    return reply.includes(`C${CANNOT_CONNECT_NOW}`) ? "starting" : "ready";
  });
}

/** Asks whether TLS is to be had, which the protocol lets a server answer at once. */
export async function askForTls(port: number, milliseconds = 3000): Promise<Answer> {
  const request = Buffer.alloc(8);
  request.writeInt32BE(8, 0);
  request.writeInt32BE(80877103, 4);
  return ask(port, request, milliseconds, (reply) => (/^[NS]/.test(reply) ? "ready" : "silent"));
}

async function ask(
  port: number,
  packet: Buffer,
  milliseconds: number,
  read: (reply: string) => Answer,
): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: HOST, timeout: milliseconds });
    const finish = (answer: Answer): void => {
      resolve(answer);
      socket.destroy();
    };
    socket.once("connect", () => socket.write(packet));
    socket.once("data", (data) => {
      finish(read(data.toString("latin1")));
    });
    socket.once("timeout", () => {
      finish("silent");
    });
    socket.once("error", () => {
      finish("refused");
    });
    socket.once("end", () => {
      finish("silent");
    });
  });
}

function startupPacket(): Buffer {
  const text = Buffer.from(
    "user\0probe\0database\0postgres\0application_name\0probe\0\0",
    "latin1",
  );
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + text.length, 0);
  // Protocol 3.0.
  head.writeInt32BE(196608, 4);
  return Buffer.concat([head, text]);
}
