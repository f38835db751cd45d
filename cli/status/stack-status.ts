/** The health of a stack: each server and the pool, as the stack describes them and as they answered. */
import type { ServerOutput } from "../../components/outputs/outputs";
import type { Address } from "./reach";
import type { PoolFacts } from "./status-pool";
import type { Answer } from "./status-probe";
import type { ServerFacts } from "./probed-facts";

/** One server, or a replica of it, as the stack describes it and as it answered. */
export interface ServerStatus {
  readonly name: string;
  readonly expected: "primary" | "replica";
  readonly server: ServerOutput;
  readonly address: Address;
  readonly answer: Answer<ServerFacts>;
  /** Files of the checkout or of the last `up` that are not in the ledger. */
  readonly pending: readonly string[];
}

export interface StackStatus {
  readonly stack: string;
  readonly servers: readonly ServerStatus[];
  /** Null without a pool in the stack, `absent` where the program is not on the machine. */
  readonly pool: Answer<PoolFacts> | "absent" | null;
}
