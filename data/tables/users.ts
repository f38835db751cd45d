import { DAY, timestamp } from "../arrivals";
import { isProgram, username } from "../user-facts";
import type { Row } from "../table";
import type { GeneratedWorld } from "../world";

/** Age of the first account. The number of new accounts grows steadily. */
const YEARS = 3 * 365 * DAY;

/** When the nth user joined. */
export function joinTime(world: GeneratedWorld, user: number): number {
  return Math.floor(world.now - YEARS * (1 - Math.sqrt((user + 0.5) / world.sizes.users)));
}

/** People and programs, in the order in which they joined. */
export function* users(world: GeneratedWorld): Generator<Row> {
  const random = world.random("users");
  for (let user = 0; user < world.sizes.users; user++) {
    const name = username(user);
    const created = joinTime(world, user);
    const program = isProgram(user);
    const directory = !program && random.chance(0.7);
    const mfa = !program && random.chance(0.6);
    const active = random.chance(0.93);
    const idle = random.exponential(active ? 4 * DAY : 200 * DAY);
    const login = Math.floor(world.now - idle);
    yield {
      id: world.users.id(user),
      username: name,
      email: `${name}@example.com`,
      password_hash:
        program || directory
          ? null
          : `$argon2id$v=19$m=65536,t=3,p=4$${random.base64(22)}$${random.base64(43)}`,
      ldap_dn: directory ? `uid=${name},ou=people,dc=example,dc=com` : null,
      is_active: active,
      is_admin: !program && random.chance(0.01),
      mfa_enabled: mfa,
      mfa_secret: mfa ? `enc:v1:${random.base64(64)}` : null,
      last_login_at: program || login < created ? null : timestamp(login),
      created_at: timestamp(created),
      updated_at: timestamp(Math.floor(created + (world.now - created) * random.float() ** 4)),
    };
  }
}
