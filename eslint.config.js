const { readdirSync } = require("node:fs");
const path = require("node:path");
const js = require("@eslint/js");
const tseslint = require("typescript-eslint");

/** One name, one file: an import, a search or a stack trace says which file it means. */
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
          message: `${path.relative(__dirname, other)} has this name as well`,
        });
      },
    };
  },
};

/** By name, the first file that has it. @type {Map<string, string>} */
const seen = new Map();

/** The driver hands the password to whatever asks for it. */
const driversOwn = {
  selector:
    "NewExpression[callee.name=/^(Client|Pool)$/], NewExpression[callee.property.name=/^(Client|Pool)$/]",
  message:
    "connect by connectClient of components/connections/connect.ts, which holds the server to SCRAM-SHA-256",
};

const HOMES = readdirSync(path.join(__dirname, "components/homes"), { withFileTypes: true })
  .filter((each) => each.isDirectory() && each.name !== "plan")
  .map(({ name }) => name);

const HOME = `Literal[value=/^(${HOMES.join("|")})$/]`;

/** A home is added in its own directory: what others want to know of it, it declares. */
const nameOfHome = {
  selector: `BinaryExpression[operator=/^[!=]==?$/] > ${HOME}, SwitchCase > ${HOME}`,
  message: "ask the home (components/homes/plan/home.ts), in place of comparing with its name",
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
      // A template literal may hold a number; anything else is a mistake (an Output above all).
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
      "@typescript-eslint/no-explicit-any": "error",
    },
  },
  {
    files: ["**/*.ts"],
    ignores: ["tests/**"],
    rules: { "no-restricted-syntax": ["error", driversOwn, nameOfHome] },
  },
  {
    files: ["scratch/**", "components/connections/connect.ts"],
    rules: { "no-restricted-syntax": ["error", nameOfHome] },
  },
  {
    files: HOMES.map((name) => `components/homes/${name}/**`),
    rules: { "no-restricted-syntax": ["error", driversOwn] },
  },
  {
    files: ["components/{text,sql-text,parameters}/**", "components/**/plan/**"],
    rules: {
      // Pure code: .dependency-cruiser.js says the rest.
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
