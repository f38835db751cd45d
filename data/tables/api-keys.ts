import { DAY, HOUR, timestamp } from "../arrivals";
import { type Row, textArray } from "../table";
import type { GeneratedWorld } from "../world";
import { joinTime } from "./users";

const SCOPES = ["servers:read", "servers:call", "policies:read", "audit:read", "users:read"];

/** API keys of programs and people, some revoked, some expired. Hashes are random and match no real key. */
export function* apiKeys(world: GeneratedWorld): Generator<Row> {
  const random = world.random("api_keys");
  for (let key = 0; key < world.sizes.apiKeys; key++) {
    const user = world.users.index(random);
    const since = joinTime(world, user);
    const created = Math.floor(since + (world.now - since) * random.float());
    const lifetime = random.pick([null, 90 * DAY, 365 * DAY]);
    const revoked = random.chance(0.1)
      ? Math.floor(created + (world.now - created) * random.float())
      : null;
    const used = Math.floor((world.now - random.exponential(3 * DAY)) / HOUR) * HOUR;
    yield {
      id: world.apiKeys.id(key),
      user_id: world.users.id(user),
      name: random.pick(["ci", "laptop", "agent", "reporting", "deploy"]),
      prefix: `sark_${random.base64(8)}`,
      key_hash: random.hex(64),
      scopes: textArray(SCOPES.slice(0, 1 + random.below(SCOPES.length))),
      expires_at: lifetime === null ? null : timestamp(created + lifetime),
      revoked_at: revoked === null ? null : timestamp(revoked),
      last_used_at: used < created ? null : timestamp(used),
      created_at: timestamp(created),
      updated_at: timestamp(revoked ?? created),
    };
  }
}
