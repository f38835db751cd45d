/** A copy of this project with its own ports, in which commands run as a user would run them. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Client } from "pg";
import { parse, stringify } from "yaml";
import { copyBuild } from "../cli/bootstrap/build";
import { ensureInstalled } from "../cli/bootstrap/install";
import { linkPackages } from "./packages";
import { freePort } from "../components/homes/local/processes/ports";
import { projectRoot } from "../components/files/project-root";

/** Read at load time, because a test may set another project root later. */
const ROOT = projectRoot();

/** Files of this checkout in version control, and new ones that it does not ignore. */
export function projectFiles(): readonly string[] {
  const listed = spawnSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], { cwd: ROOT });
  const files = listed.stdout.toString().split("\0").filter(Boolean);
  return files.filter((file) => fs.existsSync(path.join(ROOT, file)));
}

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class StackCopy {
  private constructor(
    readonly folder: string,
    readonly ports: Readonly<Record<"sark" | "sarkReplica" | "audit" | "pool", number>>,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** Copies the files in version control, and links this checkout's packages. @param environment overrides the test's own */
  static async make(environment: NodeJS.ProcessEnv = {}): Promise<StackCopy> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sark-stack-"));
    for (const file of projectFiles()) {
      fs.mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
      fs.copyFileSync(path.join(ROOT, file), path.join(folder, file));
    }
    linkPackages(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
    // Programs that `npm test` has downloaded.
    const tools = path.join(".sark", "tools");
    fs.mkdirSync(path.join(ROOT, tools), { recursive: true });
    fs.mkdirSync(path.join(folder, ".sark"));
    fs.symlinkSync(path.join(ROOT, tools), path.join(folder, tools));
    const [sark, sarkReplica, audit, pool] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    const stack = new StackCopy(folder, { sark, sarkReplica, audit, pool }, environment);
    stack.configure((config) => {
      config["sark-databases:local"] = { ports: stack.ports };
    });
    // Last: a new file in a folder of sources, which node_modules is, would make the copied build outdated.
    ensureInstalled(folder);
    copyBuild(folder);
    return stack;
  }

  /** The same copy, with additional environment variables. */
  withEnvironment(environment: NodeJS.ProcessEnv): StackCopy {
    return new StackCopy(this.folder, this.ports, { ...this.environment, ...environment });
  }

  /** The same copy after a move. */
  at(folder: string): StackCopy {
    return new StackCopy(folder, this.ports, this.environment);
  }

  /** Changes `Pulumi.<stack>.yaml`. */
  configure(change: (config: Record<string, unknown>) => void, stack = "local"): void {
    const file = path.join(this.folder, `Pulumi.${stack}.yaml`);
    const text = parse(fs.readFileSync(file, "utf8")) as { config: Record<string, unknown> };
    change(text.config);
    fs.writeFileSync(file, stringify(text));
  }

  /** Starts `npm run <command>` without npm. */
  start(...args: readonly string[]): ChildProcess {
    return spawn(process.execPath, ["cli/bootstrap/bootstrap.js", ...args], {
      cwd: this.folder,
      env: { ...process.env, ...this.environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** Runs `npm run <command>` without npm, to its end. */
  async run(...args: readonly string[]): Promise<CommandResult> {
    const child = this.start(...args);
    const output = { stdout: "", stderr: "" };
    child.stdout?.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { code, ...output };
  }

  /** Runs a command that must succeed. */
  async mustRun(...args: readonly string[]): Promise<CommandResult> {
    const result = await this.run(...args);
    if (result.code !== 0) {
      throw new Error(
        `${args.join(" ")} exited with ${String(result.code)}:\n${result.stdout}${result.stderr}`,
      );
    }
    return result;
  }

  /** Runs work in a connection of one login. */
  async withLogin<T>(
    login: string,
    work: (client: Client) => Promise<T>,
    options: { readonly pool?: boolean; readonly port?: number } = {},
  ): Promise<T> {
    const { stdout } = await this.mustRun(
      "secret",
      login,
      "--url",
      ...(options.pool ? ["--pool"] : []),
    );
    const url = new URL(stdout.trim());
    if (options.port !== undefined) url.port = String(options.port);
    const client = new Client({ connectionString: url.toString() });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  /** Destroys the stack and removes the copy. */
  async remove(): Promise<void> {
    // A copy whose plans alone were looked at has neither state nor servers.
    if (fs.existsSync(path.join(this.folder, ".sark", "state"))) await this.run("destroy", "--yes");
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
