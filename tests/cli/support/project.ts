/** A project with the real commands and a small program, for tests that run them as processes. */
import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { linkPackages } from "../../../scratch/packages";
import { scratchFolder } from "./fakes";

const SOURCE = path.join(__dirname, "../../..");
export const SECRET = "hunter2-hunter2";

const PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./components/resources/dynamic-resource";

class Server extends DynamicResource {
  constructor(name: string, inputs: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    super("local:PostgresServer", name, inputs, opts);
  }
}
class SettingsError extends Error {
  override readonly name = "SettingsError";
}

export = function stack() {
  const config = new pulumi.Config();
  const memory = config.requireNumber("memory");
  if (memory > 100) throw new SettingsError("memory: 101 is too much; at most 100 is allowed");
  console.log("noise of the program's");

  const sark = new Server("sark", {
    parameters: { reload: { work_mem: memory }, restart: { shared_buffers: memory * 4 } },
    password: pulumi.secret(${JSON.stringify(SECRET)}),
    delay: config.getNumber("delay") ?? 0,
    crash: config.getBoolean("crash") ?? false,
  }, { protect: config.getBoolean("protect") ?? false });
  new Server("audit", { parameters: {}, delay: 0, crash: false }, { dependsOn: [sark] });

  // Known once the server exists, as in the real program.
  const user = sark.urn.apply(() => "sark_app_a");
  const login = { database: "sark", user, host: "127.0.0.1", port: 1 };
  const servers = {};
  const logins = pulumi.secret({ sark_app: { ...login, password: ${JSON.stringify(SECRET)} } });
  return { servers, pool: null, logins };
};
`;

const PROVIDERS = `
import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot } from "../files/project-root";

type Inputs = Record<string, unknown>;

export function provider() {
  const note = (text: string) => fs.appendFileSync(path.join(projectRoot(), "done"), text + "\\n");
  return {
    diff: (_id: string, olds: Inputs, news: Inputs) =>
      Promise.resolve({ changes: JSON.stringify(olds["parameters"]) !== JSON.stringify(news["parameters"]) }),
    async create(inputs: Inputs) {
      note("began");
      await new Promise((resolve) => setTimeout(resolve, Number(inputs["delay"])));
      if (inputs["crash"] === true) throw new Error("the disk is full");
      note("created");
      return { id: "server", outs: inputs };
    },
    async update(_id: string, _olds: Inputs, news: Inputs) {
      note("updates");
      await new Promise((resolve) => setTimeout(resolve, Number(news["delay"])));
      if (news["crash"] === true) throw new Error("the disk is full");
      return { outs: news };
    },
    delete: () => Promise.resolve(note("deleted")),
  };
}
`;

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A checkout of the small project. */
export class TestProject {
  readonly root = scratchFolder();
  readonly #env: NodeJS.ProcessEnv;

  /** @param more environment besides PATH and an empty home */
  constructor(more: NodeJS.ProcessEnv = {}) {
    this.#env = { PATH: process.env["PATH"], HOME: path.join(this.root, "home"), ...more };
    const folders = [
      "engine",
      "cli",
      "program",
      "components",
      "scan",
      "lint",
      "data",
      "scripts",
      "scratch",
    ];
    // The commands that generate files use servers of the tests.
    for (const folder of [...folders, "tests/support"]) {
      fs.cpSync(path.join(SOURCE, folder), path.join(this.root, folder), { recursive: true });
    }
    for (const file of ["package.json", "package-lock.json", "tsconfig.json"]) {
      fs.copyFileSync(path.join(SOURCE, file), path.join(this.root, file));
    }
    linkPackages(path.join(SOURCE, "node_modules"), path.join(this.root, "node_modules"));
    this.write("index.ts", PROGRAM);
    this.write("components/resources/providers.ts", PROVIDERS);
    const runtime = "runtime:\n  name: nodejs\n  options:\n    typescript: false\n";
    this.write("Pulumi.yaml", `name: sark-databases\nmain: program/\n${runtime}`);
    this.settings({ memory: 8 });
  }

  write(file: string, text: string): void {
    fs.writeFileSync(path.join(this.root, file), text);
  }

  read(file: string): string {
    const whole = path.join(this.root, file);
    return fs.existsSync(whole) ? fs.readFileSync(whole, "utf8") : "";
  }

  /** Writes Pulumi.local.yaml, and returns it. */
  settings(values: Readonly<Record<string, number | boolean>>): string {
    const lines = Object.entries(values).map(
      ([key, value]) => `  sark-databases:${key}: ${value}\n`,
    );
    const text = `# Differences only.\nconfig:\n${lines.join("")}`;
    this.write("Pulumi.local.yaml", text);
    return text;
  }

  start(...args: readonly string[]): {
    readonly child: ChildProcess;
    readonly ended: Promise<Ended>;
  } {
    const child = spawn(
      process.execPath,
      [path.join(this.root, "cli", "bootstrap", "bootstrap.js"), ...args],
      {
        cwd: this.root,
        env: this.#env,
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    const ended = new Promise<Ended>((resolve) => {
      child.once("close", (code) => {
        resolve({ code, out, err });
      });
    });
    return { child, ended };
  }

  run(...args: readonly string[]): Promise<Ended> {
    return this.start(...args).ended;
  }

  /** Waits until a file holds a text. */
  async until(file: string, text: string): Promise<void> {
    for (let tries = 0; !this.read(file).includes(text); tries += 1) {
      if (tries > 600) throw new Error(`${file} never said "${text}"`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
