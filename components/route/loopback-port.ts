import { once } from "node:events";
import { type AddressInfo, type Server, createServer } from "node:net";

/** A port on 127.0.0.1 that this process listens on; a relay serves it. It does not keep the process alive. */
export interface LoopbackPort {
  readonly port: number;
  readonly server: Server;
}

/** A port that nobody will connect to: its number is an input of a plan, and somebody else may have it. */
export function plannedPort(port: number): LoopbackPort {
  return { port, server: createServer() };
}

/**
 * Listens on a port.
 * @param port - left out: any free one
 * @throws the system's error when the port cannot be had
 */
export async function holdPort(port = 0): Promise<LoopbackPort> {
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  return { port: (server.address() as AddressInfo).port, server };
}
