/** Ports of this machine: which process holds one, which is free, and whether a PostgreSQL answers there. */
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { ifThere, readIfThere } from "../../../files/files";
import { SSL_REQUEST } from "../../../route/client-start";
import { shortened } from "../../../text/printable";
import { processState } from "./process";

/** All servers listen on this address only, so other machines cannot reach them. */
export const HOST = "127.0.0.1";

/** True when a server could listen on the port now. */
export function isFree(port: number): Promise<boolean> {
  return listenBriefly(port).then(
    () => true,
    () => false,
  );
}

/** A port that is free at this moment; another process may take it before it is used. */
export function freePort(): Promise<number> {
  return listenBriefly(0);
}

async function listenBriefly(port: number): Promise<number> {
  const server = createServer().listen(port, HOST);
  await once(server, "listening");
  const address = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return address.port;
}

/** A process that listens on a port. */
export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

/** The process that listens on the port; undefined on other systems than Linux, and for a process of another user. */
export function findPortHolder(port: number): PortHolder | undefined {
  try {
    const inode = listeningInode(port);
    if (inode === undefined) return undefined;
    const pid = readdirSync("/proc").find((name) => /^\d+$/.test(name) && hasSocket(name, inode));
    if (pid === undefined) return undefined;
    return { pid: Number(pid), command: processState(Number(pid))?.command ?? "unknown" };
  } catch {
    return undefined;
  }
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
    for (const line of (readIfThere(table) ?? "").split("\n")) {
      const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
      // 0A is LISTEN.
      if (local.endsWith(`:${hex}`) && state === "0A") return inode;
    }
  }
  return undefined;
}

/** Whether a process has a socket; false for a process of another user. */
function hasSocket(pid: string, inode: string): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some(
      (name) => ifThere(() => readlinkSync(`${folder}/${name}`)) === `socket:[${inode}]`,
    );
  } catch {
    return false;
  }
}

/**
 * True when a PostgreSQL server answers on a port within 3 s. It is asked for TLS, which a server answers at once,
 * before a log-in.
 */
export function isAnsweringOn(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: HOST, timeout: 3000 });
    const finish = (answers: boolean): void => {
      resolve(answers);
      socket.destroy();
    };
    socket.once("connect", () => socket.write(SSL_REQUEST));
    socket.once("data", (data) => {
      finish(/^[NS]/.test(data.toString("latin1")));
    });
    for (const event of ["timeout", "error", "end"]) {
      socket.once(event, () => {
        finish(false);
      });
    }
  });
}
