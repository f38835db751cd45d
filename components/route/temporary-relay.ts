import { holdPort } from "./loopback-port";
import { Relay } from "./relay";
import type { Target } from "./plan/targets";

/** A server's address for as long as the relay is open, without TLS. */
export interface TemporaryRelay {
  readonly host: string;
  readonly port: number;
  /** Ends it, with all sessions. */
  readonly close: () => Promise<void>;
}

/**
 * Opens a free loopback port that leads to a server on Kubernetes. The client is told at once what fails on the way:
 * whoever asks how a server is does not want to wait until it is well.
 */
export async function temporaryRelay(target: Target): Promise<TemporaryRelay> {
  const listen = await holdPort();
  const relay = new Relay(listen, target, { patience: 0 });
  return { host: "127.0.0.1", port: listen.port, close: () => relay.close() };
}
