import { DAY, SECOND, timestamp } from "../arrivals";
import type { DataTable, Row } from "../table";
import { serverFacts } from "../things";
import type { World } from "../world";
import { joined } from "./users";

/** The registry. Busy users own more servers than others. */
export function servers(world: World): DataTable {
  return {
    table: "servers",
    columns: [
      "id",
      "name",
      "endpoint",
      "api_key_hash",
      "is_active",
      "owner_id",
      "tags",
      "metadata",
      "last_seen_at",
      "created_at",
      "updated_at",
    ],
    rows: () => rows(world),
  };
}

function* rows(world: World): Generator<Row> {
  const random = world.random("servers");
  for (let server = 0; server < world.sizes.servers; server++) {
    const facts = serverFacts(server);
    const owner = world.users.index(random);
    const since = joined(world, owner);
    const created = Math.floor(since + (world.now - since) * random.float());
    const active = random.chance(0.9);
    // A living server calls every half minute.
    const silent = active ? random.exponential(30 * SECOND) : random.exponential(60 * DAY);
    const seen = Math.floor(world.now - silent);
    yield [
      world.servers.id(server),
      facts.name,
      facts.endpoint,
      random.hex(64),
      active,
      world.users.id(owner),
      JSON.stringify([facts.environment, facts.team, facts.purpose]),
      JSON.stringify({
        region: facts.region,
        sensitivity: facts.sensitivity,
        version: `1.${random.below(9)}.${random.below(4)}`,
        tools: 1 + random.below(40),
      }),
      seen < created ? null : timestamp(seen),
      timestamp(created),
      timestamp(Math.floor(created + (world.now - created) * random.float() ** 4)),
    ];
  }
}
