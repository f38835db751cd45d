import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { buildSync } from "esbuild";
import { ensureBuilt } from "../../../cli/bootstrap/build";
import type { Operation, Plan, PlannedResource, Result } from "../../../engine/engine";

const ROOT = path.resolve(__dirname, "../../..");
const MODULES = path.join(ROOT, "node_modules");
const PACKAGES = path.join(ROOT, "cli/bootstrap/packages.js");

export interface Outcome<T> {
  readonly value: T;
  readonly error?: { readonly name: string; readonly message: string; readonly stack: string };
  readonly events: readonly string[];
  /** Exit code, or the signal that ended the process. */
  readonly exit: number | string | null;
}

/** A project in a temporary folder, and an engine to run it. */
export class Project {
  readonly root = fs.mkdtempSync(path.join(os.tmpdir(), "embedded-engine-"));

  constructor(body = "") {
    this.write("Pulumi.yaml", "name: demo\nruntime: nodejs\n");
    this.write("Pulumi.test.yaml", "config: {}\n");
    this.write("provider.js", PROVIDER);
    this.program(body);
    fs.symlinkSync(MODULES, path.join(this.root, "node_modules"));
  }

  write(file: string, text: string): void {
    fs.writeFileSync(path.join(this.root, file), text);
  }

  read(file: string): string {
    return fs.readFileSync(path.join(this.root, file), "utf8");
  }

  exists(file: string): boolean {
    return fs.existsSync(path.join(this.root, file));
  }

  /** Replaces the program. `thing(name, inputs, options)` makes a resource whose provider writes a file. */
  program(body: string): void {
    this.write("program.js", `${PREAMBLE}\n${body}`);
  }

  /** Makes the provider fail at these calls, such as `create a`. */
  failAt(...calls: readonly string[]): void {
    this.write("fail.json", JSON.stringify(calls));
  }

  /** The calls of the provider since the last query. */
  calls(): readonly string[] {
    if (!this.exists("calls.log")) return [];
    const calls = this.read("calls.log").trim().split("\n");
    fs.rmSync(path.join(this.root, "calls.log"));
    return calls;
  }

  /** The things that exist, by name, with their content. */
  things(): Readonly<Record<string, unknown>> {
    const folder = path.join(this.root, "things");
    if (!fs.existsSync(folder)) return {};
    return Object.fromEntries(
      fs
        .readdirSync(folder)
        .sort()
        .map((file) => [file, JSON.parse(fs.readFileSync(path.join(folder, file), "utf8"))]),
    );
  }

  get stateFile(): string {
    return path.join(this.root, ".sark/state/embedded/test.json");
  }

  preview(): Promise<Outcome<Plan>> {
    return this.#run("preview");
  }

  up(environment: NodeJS.ProcessEnv = {}): Promise<Outcome<Result>> {
    return this.#run("up", environment);
  }

  destroy(environment: NodeJS.ProcessEnv = {}): Promise<Outcome<Result>> {
    return this.#run("destroy", environment);
  }

  previewDestroy(): Promise<Outcome<Plan>> {
    return this.#run("previewDestroy");
  }

  outputs(): Promise<Outcome<Record<string, unknown> | undefined>> {
    return this.#run("outputs");
  }

  /** @param onSpawn gets the process, to send it signals */
  async #run<T>(
    command: string,
    environment: NodeJS.ProcessEnv = {},
    onSpawn?: (pid: number) => void,
  ): Promise<Outcome<T>> {
    const report = path.join(this.root, `report-${process.hrtime.bigint()}.json`);
    const child = spawn(process.execPath, [runner(), command, this.root, "test", report], {
      env: { ...process.env, NODE_PATH: MODULES, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
    if (child.pid !== undefined) onSpawn?.(child.pid);
    const exit = await new Promise<number | string | null>((resolve) => {
      child.on("close", (code, signal) => {
        resolve(code ?? signal);
      });
    });
    if (exit === "SIGKILL") return { value: undefined as T, events: [], exit };
    if (!fs.existsSync(report)) throw new Error(Buffer.concat(output).toString());
    const text = fs.readFileSync(report, "utf8");
    return { ...(JSON.parse(text) as Omit<Outcome<T>, "exit">), exit };
  }

  upWithSignal(onSpawn: (pid: number) => void): Promise<Outcome<Result>> {
    return this.#run("up", {}, onSpawn);
  }

  dispose(): void {
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}

/** The operations of a plan by resource name, without components and the stack. */
export function operations(plan: Plan): Readonly<Record<string, Operation>> {
  return Object.fromEntries(
    plan.resources
      .filter(({ type }) => type !== "pulumi:pulumi:Stack" && !type.startsWith("demo:"))
      .map(({ urn, op }) => [urn.split("::").at(-1) ?? "", op]),
  );
}

/** A plan's row by the resource's name. */
export function row(plan: Plan, name: string): PlannedResource {
  const found = plan.resources.find(({ urn }) => urn.endsWith(`::${name}`));
  if (found === undefined) throw new Error(`the plan has no ${name}`);
  return found;
}

export function names(entries: readonly { readonly urn: string }[]): readonly string[] {
  return entries.map(({ urn }) => urn.split("::").at(-1) ?? "").sort();
}

let built: string | undefined;

/** The engine and its runner, bundled once per test file. It loads packages as a command does. */
function runner(): string {
  if (built === undefined) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "embedded-engine-runner-"));
    // Imports of a running program are resolved beside the runner.
    fs.symlinkSync(MODULES, path.join(folder, "node_modules"));
    ensureBuilt("main");
    const bundled = `require(${JSON.stringify(PACKAGES)}).servePackages(${JSON.stringify(ROOT)});`;
    built = path.join(folder, "runner.js");
    buildSync({
      entryPoints: [path.join(__dirname, "runner.ts")],
      outfile: built,
      banner: { js: bundled },
      bundle: true,
      platform: "node",
      packages: "external",
      logLevel: "error",
    });
  }
  return built;
}

/** The first lines of every program. */
const PREAMBLE = `
const path = require("path");
const pulumi = require("@pulumi/pulumi");
const random = require("@pulumi/random");
const postgresql = require("@pulumi/postgresql");
class Thing extends pulumi.CustomResource {}
function thing(name, inputs = {}, options = {}) {
  const __provider = "exports.handler = () => require(" + JSON.stringify(path.join(__dirname, "provider.js")) + ");";
  return new Thing("pulumi-nodejs:dynamic/test:Thing", name,
    { name, token: undefined, ...inputs, __provider }, options);
}
class Group extends pulumi.ComponentResource {
  constructor(name, options) { super("demo:index:Group", name, {}, options); this.registerOutputs({}); }
}
`;

/** A provider that keeps each thing in a file; a change of \`kind\` needs a new one. */
const PROVIDER = `
const fs = require("fs");
const path = require("path");
const folder = path.join(__dirname, "things");
const file = (name) => path.join(folder, name);
function note(call, inputs) {
  fs.appendFileSync(path.join(__dirname, "calls.log"), call + "\\n");
  const list = path.join(__dirname, "fail.json");
  if (fs.existsSync(list) && JSON.parse(fs.readFileSync(list, "utf8")).includes(call)) {
    throw new Error(call + " failed with " + (inputs.password?.list ?? inputs.password));
  }
}
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
function put({ __provider, ...inputs }) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(file(inputs.name), JSON.stringify(inputs));
  return { ...inputs, token: "token-of-" + inputs.name };
}
module.exports = {
  async check(olds, news) {
    const failures = news.bad ? [{ property: "bad", reason: "bad is " + news.bad }] : [];
    return { inputs: news, failures };
  },
  async diff(id, olds, news) {
    return olds.kind === news.kind
      ? {}
      : { changes: true, replaces: ["kind"], deleteBeforeReplace: news.kind !== "beside" };
  },
  async create(inputs) {
    note("create " + inputs.name, inputs);
    if (inputs.slow) await sleep(inputs.slow);
    return { id: "id-" + inputs.name, outs: put(inputs) };
  },
  async update(id, olds, news) {
    note("update " + news.name, news);
    return { outs: put(news) };
  },
  async delete(id, inputs) {
    note("delete " + inputs.name, inputs);
    fs.rmSync(file(inputs.name), { force: true });
  },
};
`;
