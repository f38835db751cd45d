"use strict";
/* Rules of this project alone, which oxlint runs: .oxlintrc.json says where. */
const { readdirSync } = require("node:fs");
const path = require("node:path");

const ROOT = path.join(__dirname, "..");

/**
 * @typedef {{ readonly filename: string, report(found: { node: unknown, message: string }): void }} Context
 * @typedef {{ create(context: Context): Record<string, (node: unknown) => void> }} Rule
 */

/** By name, the first file that has it. @type {Map<string, string>} */
const seen = new Map();

/** One name, one file: an import, a search or a stack trace says which file it means. @type {Rule} */
const uniqueFileName = {
  create(context) {
    const name = path.basename(context.filename);
    const other = seen.get(name) ?? context.filename;
    seen.set(name, other);
    if (other === context.filename) return {};
    return {
      Program(node) {
        const message = `${path.relative(ROOT, other)} has this name as well`;
        context.report({ node, message });
      },
    };
  },
};

/** The driver sends the password to any server that asks for it. @type {Rule} */
const driverByConnectClient = {
  create: (context) => ({
    "NewExpression:matches([callee.name=/^(Client|Pool)$/], [callee.property.name=/^(Client|Pool)$/])"(
      node,
    ) {
      const message =
        "connect by connectClient of components/connections/connect.ts, which holds the server to SCRAM-SHA-256";
      context.report({ node, message });
    },
  }),
};

const HOMES = readdirSync(path.join(ROOT, "components/homes"), { withFileTypes: true })
  .filter((each) => each.isDirectory() && each.name !== "plan")
  .map(({ name }) => name);

const HOME = `Literal[value=/^(${HOMES.join("|")})$/]`;

/** A home is added in its own directory: it declares what others need to know of it. @type {Rule} */
const noNameOfHome = {
  create(context) {
    const [components, homes, home = ""] = path.relative(ROOT, context.filename).split(path.sep);
    if (components === "components" && homes === "homes" && HOMES.includes(home)) return {};
    return {
      [`BinaryExpression[operator=/^[!=]==?$/] > ${HOME}, SwitchCase > ${HOME}`](node) {
        const message =
          "ask the home (components/homes/plan/home.ts), in place of comparing with its name";
        context.report({ node, message });
      },
    };
  },
};

module.exports = {
  meta: { name: "sark" },
  rules: {
    "unique-file-name": uniqueFileName,
    "driver-by-connect-client": driverByConnectClient,
    "no-name-of-home": noNameOfHome,
  },
};
