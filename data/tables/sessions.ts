import { HOUR, timestamp } from "../arrivals";
import { address, userAgent } from "../people";
import type { Row } from "../table";
import type { World } from "../world";

/** A session lasts for so long. */
const LIFETIME = 8 * HOUR;
/** Clean-up is a little behind: some that have expired are still there. */
const OLDEST = LIFETIME + HOUR;

/** Sessions of the last hours, the oldest ones expired. Hashes are random: nobody has their tokens. */
export function* sessions(world: World): Generator<Row> {
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
