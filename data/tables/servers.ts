import { DAY, SECOND, timestamp } from "../arrivals";
import type { Row } from "../table";
import { serverFacts } from "../server-policy-facts";
import type { GeneratedWorld } from "../world";
import { joinTime } from "./users";

/** The server registry. Busy users own more servers. */
export function* servers(world: GeneratedWorld): Generator<Row> {
  const random = world.random("servers");
  for (let server = 0; server < world.sizes.servers; server++) {
    const facts = serverFacts(server);
    const owner = world.users.index(random);
    const since = joinTime(world, owner);
    const created = Math.floor(since + (world.now - since) * random.float());
    const active = random.chance(0.9);
    // An active server sends a heartbeat every 30 seconds.
    const silent = active ? random.exponential(30 * SECOND) : random.exponential(60 * DAY);
    const seen = Math.floor(world.now - silent);
    yield {
      id: world.servers.id(server),
      name: facts.name,
      endpoint: facts.endpoint,
      api_key_hash: random.hex(64),
      is_active: active,
      owner_id: world.users.id(owner),
      tags: JSON.stringify([facts.environment, facts.team, facts.purpose]),
      metadata: JSON.stringify({
        region: facts.region,
        sensitivity: facts.sensitivity,
        version: `1.${random.below(9)}.${random.below(4)}`,
        tools: 1 + random.below(40),
      }),
      last_seen_at: seen < created ? null : timestamp(seen),
      created_at: timestamp(created),
      updated_at: timestamp(Math.floor(created + (world.now - created) * random.float() ** 4)),
    };
  }
}
