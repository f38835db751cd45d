/** The rules of `npm run lint` on imports and dead code, each with a planted violation in a small project. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import dependencyRules from "../.dependency-cruiser.js";

const ROOT = join(__dirname, "..");

type Files = Readonly<Record<string, string>>;

/** Runs a package's program in a temporary project with this project's configuration, and returns its JSON output. */
function run(files: Files, configuration: string, [program, ...args]: readonly string[]): unknown {
  const folder = mkdtempSync(join(tmpdir(), "sark-lint-rules-"));
  try {
    copyFileSync(join(ROOT, configuration), join(folder, configuration));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const path = join(ROOT, "node_modules", ".bin", program ?? "");
    const { stdout, stderr } = spawnSync(path, args, { cwd: folder, encoding: "utf8" });
    if (stdout === "") throw new Error(stderr);
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("dependency-cruiser's rules", () => {
  const PACKAGES = ["@pulumi/pulumi", "pg", "zod"];

  /** Imports that every rule allows. */
  const ALLOWED: Files = {
    "tsconfig.json": "{}",
    "package.json": JSON.stringify({
      dependencies: Object.fromEntries(PACKAGES.map((name) => [name, "1.0.0"])),
    }),
    ...Object.fromEntries(
      PACKAGES.flatMap((name) => [
        [`node_modules/${name}/package.json`, JSON.stringify({ name, version: "1.0.0" })],
        [`node_modules/${name}/index.js`, ""],
      ]),
    ),
    "components/text/address.ts": `import { isIPv6 } from "node:net"; export const isHost = isIPv6;`,
    "components/pool/plan/pool-plan.ts": `import "node:crypto"; import "zod"; export { isHost } from "../../text/address";`,
    "components/homes/homes.ts": `import "./aws/home"; import "./kubernetes/home"; import "./local/home";`,
    "components/homes/aws/home.ts": `import "pg"; export type Aws = number;`,
    "components/homes/aws/plan/regions.ts": "export type Region = string;",
    "components/homes/kubernetes/home.ts": `import "@pulumi/pulumi"; import "../aws/plan/regions"; export type Pods = number;`,
    "components/homes/local/home.ts": `import "node:fs"; export type Port = number;`,
    "components/settings/plan/settings-stack.ts": "export type Settings = object;",
    "components/homes/kubernetes/plan/cluster-stack.ts": `import "../../../settings/plan/settings-stack";`,
    "components/shared.ts": `import type { Aws } from "./homes/aws/home"; export type Shared = Aws;`,
    "engine/engine.ts": "export type Engine = string;",
    "cli/main.ts": `import "../engine/choose-engine"; import "../components/homes/homes";`,
    "engine/choose-engine.ts": `import "./pulumi/pulumi-cli"; import "./embedded/embedded-engine";`,
    "engine/providers.js": `require("../cli/bootstrap/build");`,
    "cli/bootstrap/build.js": "",
    "engine/pulumi/pulumi-cli.ts": `import type { Engine } from "../engine"; export type Cli = Engine;`,
    "engine/embedded/embedded-engine.ts": `import type { Engine } from "../engine"; export type Own = Engine;`,
    "tests/support/server.ts": "export const port = 1;",
    "tests/server.test.ts": `import "./support/server"; import "../components/homes/homes";`,
  };

  const pure = (name: string, imported: string, found: string): readonly string[] => [
    "pure-code-imports-only-pure-code",
    `components/roles/plan/${name}.ts`,
    `import "${imported}";`,
    found,
  ];

  /** The rule, the file that breaks it, its text, and what it imports. */
  const PLANTED: readonly (readonly string[])[] = [
    pure("pulumi", "@pulumi/pulumi", "node_modules/@pulumi/pulumi/index.js"),
    pure("driver", "pg", "node_modules/pg/index.js"),
    pure("files", "node:fs", "fs"),
    pure("promises", "fs/promises", "fs/promises"),
    pure("sockets", "node:net", "net"),
    pure("processes", "node:child_process", "child_process"),
    pure("outside", "../../shared", "components/shared.ts"),
    pure("missing", "a-missing-package", "a-missing-package"),
    [
      "address-imports-only-pure-code-and-net",
      "components/text/address.ts",
      `import "node:fs"; import { isIPv6 } from "node:net"; export const isHost = isIPv6;`,
      "fs",
    ],
    [
      "no-cycles",
      "components/homes/aws/home.ts",
      `import type { Shared } from "../../shared"; export type Aws = Shared;`,
      "components/shared.ts",
    ],
    [
      "home-imports-no-other-home",
      "components/homes/aws/pods.ts",
      `import type { Pods } from "../kubernetes/home"; export type Planted = Pods;`,
      "components/homes/kubernetes/home.ts",
    ],
    [
      "home-takes-what-it-needs",
      "components/homes/aws/alarms.ts",
      `import type { Settings } from "../../settings/plan/settings-stack"; export type Planted = Settings;`,
      "components/settings/plan/settings-stack.ts",
    ],
    [
      "embedded-engine-imports-no-pulumi-cli",
      "engine/embedded/direct.ts",
      `import "../pulumi/pulumi-cli";`,
      "engine/pulumi/pulumi-cli.ts",
    ],
    [
      "embedded-engine-imports-no-pulumi-cli",
      "engine/embedded/through-another.ts",
      `import "../choose-engine";`,
      "engine/pulumi/pulumi-cli.ts",
    ],
    [
      "pulumi-cli-imports-no-embedded-engine",
      "engine/pulumi/pulumi-preview.ts",
      `import "../embedded/embedded-engine";`,
      "engine/embedded/embedded-engine.ts",
    ],
    [
      "components-import-no-engine-and-no-command",
      "components/settings/settings.ts",
      `import type { Engine } from "../../engine/engine"; export type Planted = Engine;`,
      "engine/engine.ts",
    ],
    [
      "engines-import-no-command",
      "engine/names.ts",
      `import "../cli/bootstrap/build";`,
      "cli/bootstrap/build.js",
    ],
    [
      "bootstrap-imports-no-package",
      "cli/bootstrap/checks.js",
      `require("zod");`,
      "node_modules/zod/index.js",
    ],
    [
      "only-tests-import-tests",
      "bench/server.ts",
      `import "../tests/support/server";`,
      "tests/support/server.ts",
    ],
  ];

  interface Report {
    readonly summary: {
      readonly violations: readonly {
        readonly from: string;
        readonly to: string;
        readonly rule: { readonly name: string };
      }[];
    };
  }

  function violations(files: Files): readonly string[] {
    const command = ["depcruise", "--output-type", "json", "."];
    const { summary } = run(files, ".dependency-cruiser.js", command) as Report;
    return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
  }

  it("accept allowed imports of pure code, homes, engines and tests", () => {
    expect(violations(ALLOWED)).toEqual([]);
  });

  it("report every planted violation under its rule, and nothing else", () => {
    const planted = Object.fromEntries(PLANTED.map(([, file = "", text = ""]) => [file, text]));
    const wanted = PLANTED.map(
      ([rule, file, , to]) => `${rule ?? ""}: ${file ?? ""} -> ${to ?? ""}`,
    );
    expect([...violations({ ...ALLOWED, ...planted })].sort()).toEqual(wanted.sort());
  });

  it("each have a planted violation", () => {
    const names = (dependencyRules.forbidden ?? []).map(({ name }) => name);
    expect(new Set(PLANTED.map(([rule]) => rule))).toEqual(new Set(names));
  });
});

describe("oxlint's rules", () => {
  /** Facts that the rules read: this project's homes. */
  const PROJECT: Files = {
    "tsconfig.json": JSON.stringify({ compilerOptions: { types: [], strict: true } }),
    "net.d.ts": `declare module "node:net" { export const isIPv6: number; export const connect: number; }`,
    "scripts/lint-rules.js": readFileSync(join(ROOT, "scripts/lint-rules.js"), "utf8"),
    ...Object.fromEntries(
      ["aws", "kubernetes", "local", "plan"].map((home) => [
        `components/homes/${home}/${home}.md`,
        "",
      ]),
    ),
  };

  interface Report {
    readonly diagnostics: readonly { readonly code: string; readonly filename: string }[];
  }

  function found(files: Files): readonly string[] {
    const { diagnostics } = run({ ...PROJECT, ...files }, ".oxlintrc.json", [
      "oxlint",
      "--format",
      "json",
      ".",
    ]) as Report;
    return diagnostics.map(({ code, filename }) => `${filename}: ${code}`).sort();
  }

  const compared = `export const judge = (home: string) => { if (home !== "aws") switch (home) { case "local": return 1; } return 2; };`;

  it("allow pure code isIPv6 from node:net, and a home its own name", () => {
    expect(
      found({
        "components/pool/plan/planted.ts": `import { isIPv6 } from "node:net"; export const used = isIPv6;`,
        "components/homes/aws/open-aws.ts": compared,
      }),
    ).toEqual([]);
  });

  it.each([
    "cli/report/losses.ts",
    "components/pool/pool-config.ts",
    "components/homes/plan/stack-plan.ts",
    "scratch/servers.ts",
  ])("report a comparison with a home's name: %s", (file) => {
    const finding = `${file}: sark(no-name-of-home)`;
    expect(found({ [file]: compared })).toEqual([finding, finding]);
  });

  it("report each planted violation and nothing else", () => {
    expect(
      found({
        "components/pool/plan/planted.ts": `import { connect } from "node:net"; export const used = connect;`,
        "cli/twice.ts": "export const cli = 1;",
        "engine/twice.ts": "export const engine = 1;",
        "cli/driver.ts": `declare class Client { close(): void } export const client = new Client();`,
        "cli/type.ts": `export const port: number = "80";`,
        "cli/any.ts": `export const judge = (any: any) => any;`,
        "cli/floating.ts": `const work = async () => { await Promise.resolve(); }; work();`,
      }),
    ).toEqual([
      "cli/any.ts: typescript(no-explicit-any)",
      "cli/any.ts: typescript(no-unsafe-return)",
      "cli/driver.ts: sark(driver-by-connect-client)",
      "cli/floating.ts: typescript(no-floating-promises)",
      "cli/type.ts: typescript(TS2322)",
      "components/pool/plan/planted.ts: eslint(no-restricted-imports)",
      "engine/twice.ts: sark(unique-file-name)",
    ]);
  });
});

describe("knip", () => {
  /** A project without dead code. */
  const USED: Files = {
    "package.json": JSON.stringify({ name: "planted", dependencies: { zod: "1.0.0" } }),
    "index.ts": `import "zod"; import { used } from "./components/used"; console.log(used);`,
    "components/used.ts": "export const used = 1;",
    "tests/used.test.ts": `import { used } from "../components/used"; console.log(used);`,
  };

  const PLANTED: Files = {
    "package.json": JSON.stringify({
      name: "planted",
      dependencies: { zod: "1.0.0", pg: "1.0.0" },
    }),
    "components/dead.ts": "export const dead = 1;",
    "components/used.ts": `export const used = 1; export const dead = 2; export type Dead = number;
      export const tested = 3;`,
    "tests/used.test.ts": `import { tested } from "../components/used"; console.log(tested);`,
  };

  interface Report {
    readonly issues: readonly ({ readonly file: string } & Readonly<
      Record<string, readonly { readonly name: string }[]>
    >)[];
  }

  function found(files: Files, ...flags: readonly string[]): readonly string[] {
    const command = ["knip", "--reporter", "json", "--no-config-hints", ...flags];
    const { issues } = run(files, "knip.config.js", command) as Report;
    return issues.flatMap(({ file, ...kinds }) =>
      Object.entries(kinds).flatMap(([kind, all]) =>
        all.map(({ name }) => `${kind}: ${file} ${name}`),
      ),
    );
  }

  const DEAD = [
    "dependencies: package.json pg",
    "exports: components/used.ts dead",
    "files: components/dead.ts components/dead.ts",
    "types: components/used.ts Dead",
  ];

  it("accepts a project without dead code", () => {
    expect([...found(USED), ...found(USED, "--production")]).toEqual([]);
  });

  it("reports a dead dependency, export, file and type", () => {
    expect([...found({ ...USED, ...PLANTED })].sort()).toEqual(DEAD);
  });

  it("--production reports product code that only tests use", () => {
    expect([...found({ ...USED, ...PLANTED }, "--production")].sort()).toEqual(
      [...DEAD, "exports: components/used.ts tested"].sort(),
    );
  });
});

it("npm run lint runs these checks", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    readonly scripts: { readonly lint: string };
  };
  expect(scripts.lint).toContain(
    "oxfmt --check . && oxlint . && depcruise . && knip && knip --production",
  );
});
