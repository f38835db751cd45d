"use strict";
/* Lint rules of this project, run by oxlint; .oxlintrc.json says for which files. */
const { readdirSync } = require("node:fs");
const path = require("node:path");

const ROOT = path.join(__dirname, "..");

/**
 * @typedef {{ readonly filename: string, report(found: { node: unknown, message: string }): void }} Context
 * @typedef {{ create(context: Context): Record<string, (node: unknown) => void> }} Rule
 */

/** The first file of each name. @type {Map<string, string>} */
const seen = new Map();

/** File names are unique, so that an import, a search or a stack trace identifies the file. @type {Rule} */
const uniqueFileName = {
  create(context) {
    const name = path.basename(context.filename);
    const other = seen.get(name) ?? context.filename;
    seen.set(name, other);
    if (other === context.filename) return {};
    return {
      Program(node) {
        const message = `rename this file: ${path.relative(ROOT, other)} has the same name`;
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
        "use connectClient from components/connections/connect.ts, which requires SCRAM-SHA-256";
      context.report({ node, message });
    },
  }),
};

const HOMES = readdirSync(path.join(ROOT, "components/homes"), { withFileTypes: true })
  .filter((each) => each.isDirectory() && each.name !== "plan")
  .map(({ name }) => name);

const HOME = `Literal[value=/^(${HOMES.join("|")})$/]`;

/** A home declares its properties in its own directory, so that adding a home changes no other code. @type {Rule} */
const noNameOfHome = {
  create(context) {
    const [components, homes, home = ""] = path.relative(ROOT, context.filename).split(path.sep);
    if (components === "components" && homes === "homes" && HOMES.includes(home)) return {};
    return {
      [`BinaryExpression[operator=/^[!=]==?$/] > ${HOME}, SwitchCase > ${HOME}`](node) {
        const message =
          "use a property of the home (components/homes/plan/home.ts) instead of comparing its name";
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
