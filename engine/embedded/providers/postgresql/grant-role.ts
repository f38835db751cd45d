import type { Handler } from "./handler";
import { flag, ident, text } from "./sql";

export const GRANT_ROLE: Handler = {
  required: ["role", "grantRole"],
  defaults: { withAdminOption: false },
  sets: [],
  replaceOn: ["role", "grantRole", "withAdminOption"],
  database: () => undefined,
  id: (inputs) =>
    [text(inputs, "role"), text(inputs, "grantRole"), flag(inputs, "withAdminOption")].join("_"),

  create: (session, inputs) =>
    session.transaction(async () => {
      const [granted, member] = [ident(text(inputs, "grantRole")), ident(text(inputs, "role"))];
      await session.run(`revoke ${granted} from ${member}`);
      const option = flag(inputs, "withAdminOption") ? " with admin option" : "";
      await session.run(`grant ${granted} to ${member}${option}`);
    }),

  update: () => Promise.resolve(),

  async delete(session, inputs) {
    const [granted, member] = [text(inputs, "grantRole"), text(inputs, "role")];
    if (!(await session.roleExists(granted)) || !(await session.roleExists(member))) return;
    await session.run(`revoke ${ident(granted)} from ${ident(member)}`);
  },
};
