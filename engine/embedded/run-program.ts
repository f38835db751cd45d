import * as fs from "node:fs";
import { createRequire, SourceMap, type SourceMapPayload } from "node:module";
import * as path from "node:path";
import { isNativeError } from "node:util/types";
import { LogSeverity, type LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import * as config from "@pulumi/pulumi/runtime/config";
import * as settings from "@pulumi/pulumi/runtime/settings";
import * as stack from "@pulumi/pulumi/runtime/stack";
import { LocalStore } from "@pulumi/pulumi/runtime/state";
import { UserError, type Progress, type StackRef } from "../engine";
import type { ProjectConfig } from "./config";
import type { Monitor } from "./monitor";
import type { Redactor } from "./redactor";

declare module "@pulumi/pulumi/runtime/state" {
  /** The SDK's store of one run. Its own declaration omits this internal part. */
  export class LocalStore {
    readonly settings: { engine?: unknown };
  }
}

export interface ProgramRun {
  readonly ref: StackRef;
  /** A bundled CommonJS file. */
  readonly file: string;
  readonly config: ProjectConfig;
  readonly monitor: Monitor;
  readonly preview: boolean;
  readonly message: Progress["message"];
  readonly redactor: Redactor;
}

/** A module of the SDK, whose own declaration omits these parts. */
interface Debuggable {
  readonly debugPromiseLeaks: boolean;
  debuggablePromise: (...promise: readonly unknown[]) => unknown;
}

const debuggable = createRequire(__filename)("@pulumi/pulumi/runtime/debuggable") as Debuggable;
const { debuggablePromise, debugPromiseLeaks } = debuggable;
// The SDK records a stack trace for each of thousands of promises, a sixth of a preview's time. It prints them only when
// it searches for promises that are never settled.
if (!debugPromiseLeaks) {
  debuggable.debuggablePromise = (...promise) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(...promise);
    } finally {
      Error.stackTraceLimit = limit;
    }
  };
}

/**
 * Runs the program once against a monitor, and waits until all registrations have their responses.
 * @returns the program's error; undefined also if a step failed, which the monitor records
 */
export async function runProgram(run: ProgramRun): Promise<Error | undefined> {
  const problems = new Set<unknown>();
  const onRejection = (error: unknown): void => void problems.add(error);
  process.on("unhandledRejection", onRejection);
  try {
    // With a separate store, as for the SDK's inline programs, so that runs are isolated.
    const store = new LocalStore();
    await globalThis.asyncLocalStorage.run(store, async () => {
      const { ref, config: settingsOfStack, monitor, preview } = run;
      settings.setMockOptions(monitor, settingsOfStack.project, ref.stack, preview, "organization");
      store.settings.engine = engineStub(run);
      config.setAllConfig({ ...settingsOfStack.values });
      try {
        await stack.runInPulumiStack(() => evaluate(run.file));
      } catch (error) {
        problems.add(error);
      }
      await settings.disconnect();
    });
    // Node reports an unhandled rejection only after the promise queue is empty.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  } finally {
    process.off("unhandledRejection", onRejection);
  }
  const own = [...problems].filter((problem) => !stemsFromStep(problem));
  return own.length === 0 ? undefined : describe(own, run);
}

/**
 * Evaluates the bundle again for each run, which a module cache would prevent. Modules that it requires are shared with
 * this process, above all the SDK. An indirect `eval` runs in the realm of this file, so that the SDK's `instanceof`
 * works for the program's arrays and promises. `node:vm` would use the main realm, which differs in a test runner's
 * sandbox. The wrapper is on the first line, so line numbers in stack traces are correct.
 */
async function evaluate(file: string): Promise<unknown> {
  await Promise.resolve();
  const source = fs.readFileSync(file, "utf8");
  // oxlint-disable-next-line no-eval -- see above
  const wrap = (0, eval)(
    `(function (exports, require, module, __filename, __dirname) {${source}\n})\n//# sourceURL=${file}`,
  ) as (...scope: readonly unknown[]) => void;
  const module = { exports: {} as unknown };
  wrap.call(module.exports, module.exports, createRequire(file), module, file, path.dirname(file));
  const exported = module.exports;
  // A program may export a function that returns its outputs.
  return typeof exported === "function" ? (exported as () => unknown)() : exported;
}

/** The engine service that the SDK calls, mainly to log. */
function engineStub({ message, redactor, monitor }: ProgramRun): unknown {
  const severities = new Map<LogSeverity, "info" | "warning" | "error">([
    [LogSeverity.INFO, "info"],
    [LogSeverity.WARNING, "warning"],
    [LogSeverity.ERROR, "error"],
  ]);
  const succeed = (_request: unknown, callback: (error: null, response: object) => void): void => {
    callback(null, {});
  };
  return {
    log(request: LogRequest, callback: () => void): void {
      const severity = severities.get(request.getSeverity());
      const text = redactor.redact(request.getMessage());
      // An error fails the run, and is reported at its end.
      if (severity === "error") monitor.errors.push(text);
      else if (severity !== undefined && !request.getEphemeral()) message(severity, text);
      callback();
    },
    setRootResource: succeed,
    requirePulumiVersion: succeed,
    close: () => undefined,
  };
}

/** Whether an error is only the SDK's consequence of a failed resource. */
function stemsFromStep(problem: unknown): boolean {
  if (!isNativeError(problem)) return false;
  if (/resource .* \[.*\] failed to register/.test(problem.message)) return true;
  // If a stack's outputs fail, it registers none, and the SDK throws this error.
  return problem.name === "TypeError" && /registerResourceOutputs/.test(problem.stack ?? "");
}

/** Names of errors whose message is meant for the user. */
const SETTINGS_ERRORS = ["SettingsError", "UserError", "MigrationError"];

function describe(problems: readonly unknown[], run: ProgramRun): Error {
  const errors = problems.map((problem) =>
    isNativeError(problem) ? problem : new Error(String(problem)),
  );
  const forUser = (error: Error): boolean =>
    SETTINGS_ERRORS.includes(error.name) || "__pulumiRunError" in error;
  const settingsErrors = errors.filter(forUser);
  if (settingsErrors.length > 0) {
    return new UserError(
      [...new Set(settingsErrors.map(({ message }) => run.redactor.redact(message)))].join("\n"),
    );
  }
  const texts = errors.map((error) => run.redactor.redact(sourceStack(error, run.file)));
  const result = new Error(
    `The program failed: ${run.redactor.redact(errors.map(({ message }) => message).join("; "))}`,
  );
  result.name = "ProgramError";
  result.stack = `The program failed:\n${texts.join("\n")}`;
  return result;
}

/** The stack trace with source positions in place of the bundle's, if the bundle has a source map. */
function sourceStack(error: Error, file: string): string {
  const trace = error.stack ?? error.message;
  const mapFile = `${file}.map`;
  if (!fs.existsSync(mapFile)) return trace;
  const map = new SourceMap(JSON.parse(fs.readFileSync(mapFile, "utf8")) as SourceMapPayload);
  return trace
    .split("\n")
    .map((line) => {
      const position = /:(\d+):(\d+)\)?$/.exec(line);
      if (!line.includes(file) || position === null) return line;
      const entry = map.findEntry(Number(position[1]) - 1, Number(position[2]) - 1);
      if (!("originalSource" in entry)) return line;
      const source = path.resolve(path.dirname(file), entry.originalSource);
      return line.replace(
        `${file}:${position[1] ?? ""}:${position[2] ?? ""}`,
        `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`,
      );
    })
    .join("\n");
}
