import type { Duplex } from "node:stream";

/** A connection, with words for the way it takes, such as "through the tunnel 127.0.0.1:6432". */
export interface Line<Connection extends Duplex = Duplex> {
  readonly connection: Connection;
  readonly way: string;
}
