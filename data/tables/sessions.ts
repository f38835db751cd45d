import { HOUR, timestamp } from "../arrivals";
import { address, userAgent } from "../user-facts";
import type { Row } from "../table";
import type { GeneratedWorld } from "../world";

/** Lifetime of a session. */
const LIFETIME = 8 * HOUR;
/** Age of the oldest session. Clean-up lags, so some expired sessions remain. */
const OLDEST = LIFETIME + HOUR;

/** Sessions of the last hours, the oldest expired. Hashes are random and match no real token. */
export function* sessions(world: GeneratedWorld): Generator<Row> {
  const random = world.random("sessions");
  const count = world.sizes.sessions;
  for (let session = 0; session < count; session++) {
    const user = world.users.index(random);
    const age = OLDEST * (1 - (session + random.float()) / count);
    const created = Math.floor(world.now - age);
    yield {
      id: random.uuid(),
      user_id: world.users.id(user),
      access_token_jti: random.uuid(),
      refresh_token_hash: random.hex(64),
      ip_address: address(user, random),
      user_agent: userAgent(user, random),
      expires_at: timestamp(created + LIFETIME),
      created_at: timestamp(created),
    };
  }
}
