import { SECOND, timestamp } from "../arrivals";
import { address } from "../user-facts";
import type { Row } from "../table";
import type { GeneratedWorld } from "../world";

/** Seconds of a window, and the age of the oldest counter in windows. */
const WINDOW = 60;
const OLDEST = 20;

/** Rate-limit counters of API keys and of login addresses, before clean-up: most are idle. */
export function* rateLimits(world: GeneratedWorld): Generator<Row> {
  const random = world.random("rate_limits");
  const { rateLimits: count, apiKeys, users } = world.sizes;
  const width = WINDOW * SECOND;
  const current = Math.floor(world.now / width) * width;
  for (let bucket = 0; bucket < count; bucket++) {
    const ago = Math.floor(random.float() ** 2 * OLDEST);
    yield {
      bucket:
        bucket < Math.min(apiKeys, count / 2)
          ? `api:${world.apiKeys.id(bucket)}`
          : `login:${address(bucket % users, random)}#${bucket}`,
      window_seconds: WINDOW,
      window_start: timestamp(current - ago * width),
      hits: 1 + Math.floor(random.exponential(12)),
      previous_hits: Math.floor(random.exponential(8)),
    };
  }
}
