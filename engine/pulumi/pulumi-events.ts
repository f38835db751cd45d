import type {
  DiagnosticEvent,
  EngineEvent,
  StepEventMetadata,
} from "@pulumi/pulumi/automation/events";
import type { Failure, Operation, Progress, Result } from "../engine";
import { ROOT_TYPE } from "../names";
import { maskObject, toWireObject } from "../wire";
import { OPERATIONS } from "./pulumi-preview";
import { withoutPlannedValues } from "./pulumi-messages";

/** Reads the events of a CLI run: reports progress and collects the result. */
export class EventReader {
  readonly #started = new Map<string, number>();
  readonly #done = new Map<string, Operation>();
  readonly #failed = new Map<string, string>();
  readonly #errors = new Map<string, string[]>();
  readonly #shown = new Set<string>();
  /** Errors that belong to no resource. */
  readonly #general: string[] = [];
  #outputs: Readonly<Record<string, unknown>> = {};

  constructor(private readonly progress: Progress) {}

  readonly line = (text: string): void => {
    // The CLI may print lines that are not events.
    if (!text.startsWith("{")) return;
    const event = JSON.parse(text) as EngineEvent;
    if (event.diagnosticEvent) this.#onMessage(event.diagnosticEvent);
    if (event.resourcePreEvent) this.#onStart(event.resourcePreEvent.metadata);
    if (event.resOutputsEvent) this.#onEnd(event.resOutputsEvent.metadata);
    if (event.resOpFailedEvent) this.#onFailure(event.resOpFailedEvent.metadata);
  };

  /** Stack outputs, with secrets hidden. */
  get outputs(): Readonly<Record<string, unknown>> {
    return this.#outputs;
  }

  /** @param general the cause if the run failed and no event has one */
  result(succeeded: boolean, general: string): Pick<Result, "done" | "failed" | "skipped"> {
    const failed: Failure[] = [...this.#failed].map(([urn, reason]) => ({ urn, reason }));
    // A step that the CLI refuses to start, such as one outside the plan, has an error but no failure event.
    if (!succeeded && failed.length === 0) {
      failed.push(...[...this.#errors].map(([urn, texts]) => ({ urn, reason: texts.join("\n") })));
    }
    // After a failed resource, the program's own errors are only consequences.
    if (!succeeded && failed.length === 0) {
      failed.push({ urn: "", reason: [...this.#general, general].filter(Boolean).join("\n") });
    }
    const skipped = [...this.#started.keys()]
      .filter((urn) => !this.#failed.has(urn))
      .map((urn) => ({ urn, reason: "was not finished when the run stopped" }));
    return { done: [...this.#done].map(([urn, op]) => ({ urn, op })), failed, skipped };
  }

  #onMessage({ urn, severity, message }: DiagnosticEvent): void {
    const text = withoutPlannedValues(message.trim());
    // The SDK's type declaration lacks debug messages.
    if (text === "" || (severity as string) === "debug") return;
    if (severity === "error") {
      if (urn === undefined || urn.includes(`::${ROOT_TYPE}::`)) this.#general.push(text);
      else this.#errors.set(urn, [...(this.#errors.get(urn) ?? []), text]);
      return;
    }
    // Each of the CLI's processes repeats its warnings.
    if (this.#shown.has(text)) return;
    this.#shown.add(text);
    // Twenty lines of advice on manual repair, which is not needed: this run repairs the state.
    if (text.startsWith("Attempting to deploy or update resources with")) {
      this.progress.message(
        "info",
        "The last run was interrupted: its unfinished steps are repeated.",
      );
      return;
    }
    this.progress.message(severity === "warning" ? "warning" : "info", text);
  }

  #onStart({ op, urn, type }: StepEventMetadata): void {
    const operation = stepOperation(op);
    if (operation === undefined || operation === "same" || isInternal(type)) return;
    this.#started.set(urn, performance.now());
    this.progress.started(urn, operation);
  }

  #onEnd({ op, urn, type, new: next }: StepEventMetadata): void {
    if (type === ROOT_TYPE) this.#outputs = maskObject(toWireObject(next?.outputs ?? {}));
    const operation = stepOperation(op);
    if (operation === undefined || isInternal(type)) return;
    this.#done.set(urn, operation);
    const started = this.#started.get(urn);
    if (started === undefined) return;
    this.#started.delete(urn);
    this.progress.finished(urn, operation, (performance.now() - started) / 1000);
  }

  #onFailure({ urn }: StepEventMetadata): void {
    const reason = this.#errors.get(urn)?.join("\n") ?? "failed without a message";
    this.#started.delete(urn);
    this.#failed.set(urn, reason);
    this.progress.failed(urn, reason);
  }
}

/** Counts the creation of a replacement as the replacement; its deletion is a separate deletion. */
function stepOperation(op: string): Operation | undefined {
  if (op === "create-replacement" || op === "import-replacement") return "replace";
  return op === "replace" ? undefined : OPERATIONS[op];
}

/** Whether Pulumi created the resource by itself: default providers and the stack. */
function isInternal(type: string): boolean {
  return type.startsWith("pulumi:providers:") || type === ROOT_TYPE;
}
