const { readdirSync } = require("node:fs");
const path = require("node:path");
const js = require("@eslint/js");
const tseslint = require("typescript-eslint");

/** File names are unique, so that an import, a search or a stack trace identifies the file. */
const uniqueFileName = {
  meta: { type: "problem", schema: [] },
  /** @param {import("eslint").Rule.RuleContext} context */
  create(context) {
    const name = path.basename(context.filename);
    const other = seen.get(name) ?? context.filename;
    seen.set(name, other);
    if (other === context.filename) return {};
    return {
      Program(/** @type {import("eslint").Rule.Node} */ node) {
        context.report({
          node,
          message: `rename this file: ${path.relative(__dirname, other)} has the same name`,
        });
      },
    };
  },
};

/** The first file of each name. @type {Map<string, string>} */
const seen = new Map();

/** The driver sends the password to any server that asks for it. */
const directClient = {
  selector:
    "NewExpression[callee.name=/^(Client|Pool)$/], NewExpression[callee.property.name=/^(Client|Pool)$/]",
  message: "use connectClient from components/connections/connect.ts, which requires SCRAM-SHA-256",
};

const HOMES = readdirSync(path.join(__dirname, "components/homes"), { withFileTypes: true })
  .filter((each) => each.isDirectory() && each.name !== "plan")
  .map(({ name }) => name);

const HOME = `Literal[value=/^(${HOMES.join("|")})$/]`;

/** A home declares its properties in its own directory, so that adding a home changes no other code. */
const homeNameComparison = {
  selector: `BinaryExpression[operator=/^[!=]==?$/] > ${HOME}, SwitchCase > ${HOME}`,
  message:
    "use a property of the home (components/homes/plan/home.ts) instead of comparing its name",
};

module.exports = tseslint.config(
  { ignores: ["node_modules/", ".sark/", "coverage/"] },
  js.configs.recommended,
  {
    plugins: { local: { rules: { "unique-file-name": uniqueFileName } } },
    rules: { "local/unique-file-name": "error" },
  },
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: __dirname } },
    rules: {
      // A template literal may contain a number. Anything else is a mistake, above all an Output.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
      "@typescript-eslint/no-explicit-any": "error",
    },
  },
  {
    files: ["**/*.ts"],
    ignores: ["tests/**"],
    rules: { "no-restricted-syntax": ["error", directClient, homeNameComparison] },
  },
  {
    files: ["scratch/**", "components/connections/connect.ts"],
    rules: { "no-restricted-syntax": ["error", homeNameComparison] },
  },
  {
    files: HOMES.map((name) => `components/homes/${name}/**`),
    rules: { "no-restricted-syntax": ["error", directClient] },
  },
  {
    files: ["components/{text,sql-text,parameters}/**", "components/**/plan/**"],
    rules: {
      // Pure code: .dependency-cruiser.js has the other rules.
      "no-restricted-imports": [
        "error",
        { paths: [{ name: "node:net", allowImportNames: ["isIPv6"] }] },
      ],
    },
  },
  {
    files: ["**/*.js"],
    languageOptions: {
      sourceType: "commonjs",
      globals: {
        require: "readonly",
        module: "writable",
        process: "readonly",
        __dirname: "readonly",
        console: "readonly",
        exports: "writable",
        setTimeout: "readonly",
        Blob: "readonly",
        Buffer: "readonly",
      },
    },
  },
);
