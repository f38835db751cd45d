import type { WireObject } from "../../../wire";
import type { Handler } from "./handler";
import { DEFAULT_TYPES, granteeGone, privilegeProblems } from "./privileges";
import type { Session } from "./provider-session";
import { flag, ident, list, text } from "./sql";

export const DEFAULT_PRIVILEGES: Handler = {
  required: ["role", "database", "owner", "objectType"],
  defaults: { withGrantOption: false },
  sets: ["privileges"],
  replaceOn: ["role", "database", "owner", "schema", "objectType", "withGrantOption"],

  problems: (inputs) => [
    ...privilegeProblems(inputs, DEFAULT_TYPES),
    ...(text(inputs, "objectType") === "schema" && text(inputs, "schema") !== ""
      ? [{ property: "schema", reason: "schema cannot be given for objectType schema" }]
      : []),
    ...(flag(inputs, "withGrantOption") && text(inputs, "role").toLowerCase() === "public"
      ? [{ property: "withGrantOption", reason: "PUBLIC cannot be given a grant option" }]
      : []),
  ],

  database: (inputs) => text(inputs, "database"),
  id: (inputs) =>
    [
      text(inputs, "role"),
      text(inputs, "database"),
      text(inputs, "schema") || "noschema",
      text(inputs, "owner"),
      text(inputs, "objectType"),
    ].join("_"),

  create: redefault,
  update: (session, _old, inputs) => redefault(session, inputs),

  async delete(session, inputs) {
    if (await granteeGone(session, inputs)) return;
    if (!(await session.roleExists(text(inputs, "owner")))) return;
    await session.transaction(() =>
      session.asMemberOf([text(inputs, "owner")], () =>
        session.run(`${defaults(inputs)} revoke all on ${plural(inputs)} from ${grantee(inputs)}`),
      ),
    );
  },
};

async function redefault(session: Session, inputs: WireObject): Promise<void> {
  await session.transaction(() =>
    session.asMemberOf([text(inputs, "owner")], async () => {
      await session.run(
        `${defaults(inputs)} revoke all on ${plural(inputs)} from ${grantee(inputs)}`,
      );
      const privileges = list(inputs, "privileges");
      if (privileges.length === 0) return;
      const option = flag(inputs, "withGrantOption") ? " with grant option" : "";
      await session.run(
        `${defaults(inputs)} grant ${privileges.join(", ")} on ${plural(inputs)} to ${grantee(inputs)}${option}`,
      );
    }),
  );
}

function defaults(inputs: WireObject): string {
  const schema = text(inputs, "schema");
  const where = schema === "" ? "" : ` in schema ${ident(schema)}`;
  return `alter default privileges for role ${ident(text(inputs, "owner"))}${where}`;
}

function plural(inputs: WireObject): string {
  return `${text(inputs, "objectType")}s`;
}

function grantee(inputs: WireObject): string {
  return ident(text(inputs, "role"));
}
