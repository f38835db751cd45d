import { DAY, timestamp } from "../arrivals";
import { isProgram, username } from "../people";
import type { DataTable, Row } from "../table";
import type { World } from "../world";

/** Accounts began three years ago, and ever more of them are made. */
const YEARS = 3 * 365 * DAY;

/** People and programs, in the order in which they joined. */
export function users(world: World): DataTable {
  return {
    table: "users",
    columns: [
      "id",
      "username",
      "email",
      "password_hash",
      "ldap_dn",
      "is_active",
      "is_admin",
      "mfa_enabled",
      "mfa_secret",
      "last_login_at",
      "created_at",
      "updated_at",
    ],
    rows: () => rows(world),
  };
}

/** When the nth of so many joined. */
export function joined(world: World, user: number): number {
  return Math.floor(world.now - YEARS * (1 - Math.sqrt((user + 0.5) / world.sizes.users)));
}

function* rows(world: World): Generator<Row> {
  const random = world.random("users");
  for (let user = 0; user < world.sizes.users; user++) {
    const name = username(user);
    const created = joined(world, user);
    const program = isProgram(user);
    const directory = !program && random.chance(0.7);
    const mfa = !program && random.chance(0.6);
    const active = random.chance(0.93);
    const idle = random.exponential(active ? 4 * DAY : 200 * DAY);
    const login = Math.floor(world.now - idle);
    yield [
      world.users.id(user),
      name,
      `${name}@example.com`,
      program || directory
        ? null
        : `$argon2id$v=19$m=65536,t=3,p=4$${random.base64(22)}$${random.base64(43)}`,
      directory ? `uid=${name},ou=people,dc=example,dc=com` : null,
      active,
      !program && random.chance(0.01),
      mfa,
      mfa ? `enc:v1:${random.base64(64)}` : null,
      program || login < created ? null : timestamp(login),
      timestamp(created),
      timestamp(Math.floor(created + (world.now - created) * random.float() ** 4)),
    ];
  }
}
