import { HOUR, timestamp } from "../arrivals";
import { address, userAgent } from "../people";
import type { DataTable, Row } from "../table";
import type { World } from "../world";

/** A session lasts for so long. */
const LIFETIME = 8 * HOUR;
/** Clean-up is a little behind: some that have expired are still there. */
const OLDEST = LIFETIME + HOUR;

/** Sessions of the last hours, the oldest ones expired. Hashes are random: nobody has their tokens. */
export function sessions(world: World): DataTable {
  return {
    table: "sessions",
    columns: [
      "id",
      "user_id",
      "access_token_jti",
      "refresh_token_hash",
      "ip_address",
      "user_agent",
      "expires_at",
      "created_at",
    ],
    rows: () => rows(world),
  };
}

function* rows(world: World): Generator<Row> {
  const random = world.random("sessions");
  const count = world.sizes.sessions;
  for (let session = 0; session < count; session++) {
    const user = world.users.index(random);
    const age = OLDEST * (1 - (session + random.float()) / count);
    const created = Math.floor(world.now - age);
    yield [
      random.uuid(),
      world.users.id(user),
      random.uuid(),
      random.hex(64),
      address(user, random),
      userAgent(user, random),
      timestamp(created + LIFETIME),
      timestamp(created),
    ];
  }
}
