import { once } from "node:events";
import { type AddressInfo, type Server, createServer } from "node:net";

/** Port on 127.0.0.1 that this process listens on for a relay. It does not keep the process running. */
export interface LoopbackPort {
  readonly port: number;
  readonly server: Server;
}

/**
 * A port that is not listened on. Used in a preview: the number is an input of the plan, and another process may hold
 * the port.
 */
export function unopenedPort(port: number): LoopbackPort {
  return { port, server: createServer() };
}

/**
 * Listens on a port.
 * @param port - default: any free port
 * @throws the system's error when the port is not available
 */
export async function listenOnLoopback(port = 0): Promise<LoopbackPort> {
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  return { port: (server.address() as AddressInfo).port, server };
}
