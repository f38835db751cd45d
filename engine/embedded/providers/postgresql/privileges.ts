import type { WireObject } from "../../../wire";
import type { CheckFailure } from "../provider";
import type { Session } from "./provider-session";
import { list, text } from "./sql";

/** What may be granted on each kind of object; PostgreSQL 17 has MAINTAIN on tables. */
const PRIVILEGES: Readonly<Record<string, readonly string[]>> = {
  database: ["CREATE", "CONNECT", "TEMPORARY"],
  schema: ["CREATE", "USAGE"],
  table: [
    ...["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"],
    "MAINTAIN",
  ],
  column: ["SELECT", "INSERT", "UPDATE", "REFERENCES"],
  sequence: ["USAGE", "SELECT", "UPDATE"],
  function: ["EXECUTE"],
  procedure: ["EXECUTE"],
  routine: ["EXECUTE"],
  type: ["USAGE"],
};

export const GRANT_TYPES = Object.keys(PRIVILEGES).filter((type) => type !== "type");
export const DEFAULT_TYPES = ["table", "sequence", "function", "routine", "type", "schema"];

/** Also keeps privileges, which are written into statements as they are, to known words. */
export function privilegeProblems(
  inputs: WireObject,
  types: readonly string[],
): readonly CheckFailure[] {
  const type = text(inputs, "objectType");
  if (!types.includes(type)) {
    return [
      {
        property: "objectType",
        reason: `objectType must be one of ${types.join(", ")}, not "${type}"`,
      },
    ];
  }
  const allowed = ["ALL", ...(PRIVILEGES[type] ?? [])];
  return list(inputs, "privileges")
    .filter((privilege) => !allowed.includes(privilege))
    .map((privilege) => ({
      property: "privileges",
      reason: `${privilege} is no privilege on a ${type}; there are ${allowed.join(", ")}`,
    }));
}

/** Whether the role that a grant names has been dropped, and its privileges with it. */
export async function granteeGone(session: Session, inputs: WireObject): Promise<boolean> {
  const role = text(inputs, "role");
  return role !== "public" && !(await session.roleExists(role));
}
