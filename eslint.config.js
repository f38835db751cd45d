const js = require("@eslint/js");
const tseslint = require("typescript-eslint");

module.exports = tseslint.config(
  { ignores: ["node_modules/", ".sark/", "coverage/"] },
  js.configs.recommended,
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
    ignores: ["tests/**", "scratch/**", "components/client/connect.ts"],
    rules: {
      // The driver hands the password to whatever asks for it.
      "no-restricted-syntax": [
        "error",
        {
          selector:
            "NewExpression[callee.name=/^(Client|Pool)$/], NewExpression[callee.property.name=/^(Client|Pool)$/]",
          message:
            "connect by connectClient of components/client/connect.ts, which holds the server to SCRAM-SHA-256",
        },
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
