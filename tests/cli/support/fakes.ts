/** Stand-ins for the tests of the commands: programs, terminals, engines. */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { PassThrough } from "node:stream";
import type {
  Engine,
  FailedRun,
  Operation,
  Plan,
  PlannedResource,
  PreviewOptions,
  Progress,
  Result,
} from "../../../engine/engine";
import { Terminal } from "../../../cli/report/terminal";

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

/** A temporary folder that is deleted after the file's tests. */
export function scratchFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sark-engine-"));
  folders.push(folder);
  return folder;
}

/** Writes a shell script that can be run. */
export function fakeProgram(file: string, script: string): string {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}

export interface FakeTerminal {
  readonly terminal: Terminal;
  readonly out: () => string;
  readonly err: () => string;
}

/** A terminal whose output can be read. With `answers`, which are typed in, it is interactive. */
export function fakeTerminal(
  options: {
    readonly json?: boolean;
    readonly answers?: readonly string[];
    readonly colours?: boolean;
  } = {},
): FakeTerminal {
  const interactive = options.answers !== undefined;
  const stdin = Object.assign(new PassThrough(), { isTTY: interactive });
  for (const answer of options.answers ?? []) stdin.write(`${answer}\n`);
  const stdout = Object.assign(new PassThrough(), { isTTY: interactive });
  const stderr = Object.assign(new PassThrough(), { isTTY: interactive });
  const read = (stream: PassThrough) => {
    let text = "";
    stream.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    return () => text;
  };
  return {
    terminal: new Terminal({
      json: options.json === true,
      stdin,
      stdout,
      stderr,
      env: options.colours === true ? {} : { NO_COLOR: "1", TERM: "dumb" },
    }),
    out: read(stdout),
    err: read(stderr),
  };
}

const PROJECT = "urn:pulumi:local::sark-databases";

/** A row of a plan. */
export function row(
  op: Operation,
  type: string,
  name: string,
  more: Partial<Pick<PlannedResource, "changes" | "inputs">> & { readonly protect?: boolean } = {},
): PlannedResource {
  const changes = more.changes ?? [];
  return {
    urn: `${PROJECT}::${type}::${name}`,
    type,
    op,
    changedKeys: changes.map(({ path: key }) => key),
    changes,
    inputs: more.inputs ?? {},
    options: {
      protect: more.protect ?? false,
      retainOnDelete: false,
      deletedWith: "",
      deleteBeforeReplace: false,
      ignoreChanges: [],
      dependencies: [],
      propertyDependencies: {},
      provider: "",
      parent: "",
      aliases: [],
    },
  };
}

export function planOf(...resources: readonly PlannedResource[]): Plan {
  return { engine: "embedded", stack: "local", resources, outputs: {}, unchecked: [] };
}

export const PASSWORD = "p@ss w/rd";

export const OUTPUTS = {
  servers: {
    sark: {
      home: "local",
      engine: "postgresql",
      database: "sark",
      host: "127.0.0.1",
      port: 15432,
      sslMode: "disable",
      maxConnections: 100,
      budget: 60,
      replica: { host: "127.0.0.1", port: 15433 },
      limits: [],
      migrations: ["000001_users.sql", "000002_servers.sql"],
    },
    sark_audit: {
      home: "local",
      engine: "timescaledb",
      database: "sark_audit",
      host: "127.0.0.1",
      port: 15434,
      sslMode: "disable",
      maxConnections: 1,
      budget: 1,
      limits: ["it has one session"],
      migrations: ["000001_audit_events.sql"],
    },
  },
  pool: { host: "127.0.0.1", port: 16432, running: true, entries: { sark: "transaction" } },
  logins: {
    sark_app: {
      database: "sark",
      user: "sark_app_a",
      password: PASSWORD,
      host: "127.0.0.1",
      port: 15432,
    },
    sark_audit_app: {
      database: "sark_audit",
      user: "sark_audit_app_a",
      password: PASSWORD,
      host: "127.0.0.1",
      port: 15434,
    },
  },
} as const;

/** An engine that returns a given plan, applies it without effect, and records its calls. */
export class FakeEngine implements Engine {
  readonly name = "embedded";
  readonly asked: string[] = [];
  /** The options of each preview. */
  readonly options: (PreviewOptions | undefined)[] = [];
  readonly constraints: unknown[] = [];

  constructor(
    private readonly plan: Plan,
    private readonly more: {
      readonly failed?: Result["failed"];
      readonly outputs?: object;
      readonly failedRun?: FailedRun;
    } = {},
  ) {}

  preview(_ref?: unknown, _progress?: unknown, options?: PreviewOptions): Promise<Plan> {
    this.asked.push("preview");
    this.options.push(options);
    return Promise.resolve(this.plan);
  }

  previewDestroy(): Promise<Plan> {
    this.asked.push("previewDestroy");
    return Promise.resolve(this.plan);
  }

  up(_ref: unknown, progress: Progress, constraint?: unknown): Promise<Result> {
    this.asked.push("up");
    this.constraints.push(constraint);
    return Promise.resolve(this.#carryOut(progress));
  }

  destroy(_ref: unknown, progress: Progress): Promise<Result> {
    this.asked.push("destroy");
    return Promise.resolve(this.#carryOut(progress));
  }

  outputs(): Promise<Readonly<Record<string, unknown>> | undefined> {
    return Promise.resolve({ ...(this.more.outputs ?? OUTPUTS) });
  }

  failedRun(): Promise<FailedRun | undefined> {
    return Promise.resolve(this.more.failedRun);
  }

  #carryOut(progress: Progress): Result {
    const failed = this.more.failed ?? [];
    const done = this.plan.resources.filter(
      ({ urn, op }) => op !== "same" && failed.length === 0 && urn !== "",
    );
    for (const { urn, op } of done) {
      progress.started(urn, op);
      progress.finished(urn, op, 1.25);
    }
    for (const { urn, reason } of failed) progress.failed(urn, reason);
    return { engine: this.name, stack: "local", done, failed, skipped: [], outputs: {} };
  }
}
