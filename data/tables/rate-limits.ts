import { SECOND, timestamp } from "../arrivals";
import { address } from "../people";
import type { DataTable, Row } from "../table";
import type { World } from "../world";

/** Seconds of a window, and how many windows ago the oldest counter was last written. */
const WINDOW = 60;
const OLDEST = 20;

/** Counters of keys and of addresses that log in, as clean-up finds them: most of them idle. */
export function rateLimits(world: World): DataTable {
  return {
    table: "rate_limits",
    columns: ["bucket", "window_seconds", "window_start", "hits", "previous_hits"],
    rows: () => rows(world),
  };
}

function* rows(world: World): Generator<Row> {
  const random = world.random("rate_limits");
  const { rateLimits: count, apiKeys, users } = world.sizes;
  const width = WINDOW * SECOND;
  const current = Math.floor(world.now / width) * width;
  for (let bucket = 0; bucket < count; bucket++) {
    const ago = Math.floor(random.float() ** 2 * OLDEST);
    yield [
      bucket < Math.min(apiKeys, count / 2)
        ? `api:${world.apiKeys.id(bucket)}`
        : `login:${address(bucket % users, random)}#${bucket}`,
      WINDOW,
      timestamp(current - ago * width),
      1 + Math.floor(random.exponential(12)),
      Math.floor(random.exponential(8)),
    ];
  }
}
