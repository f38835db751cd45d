import { DAY, HOUR, timestamp } from "../arrivals";
import { type DataTable, type Row, textArray } from "../table";
import type { World } from "../world";
import { joined } from "./users";

const SCOPES = ["servers:read", "servers:call", "policies:read", "audit:read", "users:read"];

/** Keys of programs and people; some revoked, some over. Hashes are random: nobody has their keys. */
export function apiKeys(world: World): DataTable {
  return {
    table: "api_keys",
    columns: [
      "id",
      "user_id",
      "name",
      "prefix",
      "key_hash",
      "scopes",
      "expires_at",
      "revoked_at",
      "last_used_at",
      "created_at",
      "updated_at",
    ],
    rows: () => rows(world),
  };
}

function* rows(world: World): Generator<Row> {
  const random = world.random("api_keys");
  for (let key = 0; key < world.sizes.apiKeys; key++) {
    const user = world.users.index(random);
    const since = joined(world, user);
    const created = Math.floor(since + (world.now - since) * random.float());
    const lifetime = random.pick([null, 90 * DAY, 365 * DAY]);
    const revoked = random.chance(0.1)
      ? Math.floor(created + (world.now - created) * random.float())
      : null;
    const used = Math.floor((world.now - random.exponential(3 * DAY)) / HOUR) * HOUR;
    yield [
      world.apiKeys.id(key),
      world.users.id(user),
      random.pick(["ci", "laptop", "agent", "reporting", "deploy"]),
      `sark_${random.base64(8)}`,
      random.hex(64),
      textArray(SCOPES.slice(0, 1 + random.below(SCOPES.length))),
      lifetime === null ? null : timestamp(created + lifetime),
      revoked === null ? null : timestamp(revoked),
      used < created ? null : timestamp(used),
      timestamp(created),
      timestamp(revoked ?? created),
    ];
  }
}
