import { listenOnLoopback } from "./loopback-port";
import { Relay } from "./relay";
import type { Target } from "./plan/targets";

/** Address of a server while the relay is open, without TLS. */
export interface TemporaryRelay {
  readonly host: string;
  readonly port: number;
  /** Stops the relay and ends all sessions. */
  readonly close: () => Promise<void>;
}

/**
 * Opens a free loopback port to a server on Kubernetes. Failures are reported without retries: a status command must
 * not wait until the server is healthy.
 */
export async function temporaryRelay(target: Target): Promise<TemporaryRelay> {
  const listen = await listenOnLoopback();
  const relay = new Relay(listen, target, { patience: 0 });
  return { host: "127.0.0.1", port: listen.port, close: () => relay.close() };
}
