import {
  UserError,
  stackDoesNotExist,
  type Engine,
  type FailedRun,
  type Plan,
  type PreviewOptions,
  type Progress,
  type Result,
  type StackRef,
} from "../engine";
import { count } from "../names";
import { readConfig, type ProjectConfig } from "./config";
import { inDeletionOrder } from "./dependencies";
import { Deployment, protectedError } from "./deployment";
import { Interrupt } from "./interrupt";
import { lockStack } from "./stack-lock";
import { Monitor, type Lookup } from "./monitor";
import { runProgram } from "./run-program";
import { Providers } from "./providers/providers-by-type";
import { Redactor } from "./redactor";
import { deleteAll, result } from "./results";
import { deletionRow } from "./plan-rows";
import { State } from "./state";
import { Steps } from "./steps";
import { maskObject, unwrapObject } from "../wire";

export interface EmbeddedEngineOptions {
  /** The bundled program of a project: a CommonJS file. */
  readonly program: (root: string) => string;
  /** Placeholders for cloud look-ups; without it, their results are unknown. */
  readonly lookup?: Lookup;
}

/** The objects of a run that changes a stack. */
interface RunContext {
  readonly state: State;
  readonly providers: Providers;
  readonly redactor: Redactor;
  readonly steps: Steps;
}

/**
 * The engine that runs the program without a Pulumi CLI. It plans every stack, and applies stacks that only have
 * components, `random`, `postgresql` and dynamic resources. See docs/embedded-engine.md.
 */
export class EmbeddedEngine implements Engine {
  readonly name = "embedded";

  constructor(private readonly options: EmbeddedEngineOptions) {}

  async preview(
    ref: StackRef,
    progress: Progress,
    { refresh = false }: PreviewOptions = {},
  ): Promise<Plan> {
    if (refresh && State.read(ref) === undefined) throw stackDoesNotExist(ref);
    // Dynamic providers find the checkout by this variable, whatever their working directory is.
    process.env["SARK_ROOT"] = ref.root;
    const message = progress.message.bind(progress);
    const { plan, deployment } = await this.#plan(ref, readConfig(ref), message);
    if (deployment.protectedDeletions.length > 0) {
      progress.message("error", protectedError(deployment.protectedDeletions).message);
    }
    return plan;
  }

  async up(ref: StackRef, progress: Progress): Promise<Result> {
    const config = readConfig(ref);
    return withStackLock(ref, progress, config.project, async (context) => {
      const { deployment: planned, plan } = await this.#plan(ref, config, () => undefined);
      refuseUnsupported(planned);
      if (planned.protectedDeletions.length > 0) throw protectedError(planned.protectedDeletions);

      const { state, providers, redactor, steps } = context;
      state.begin("up");
      const deployment = new Deployment(config, state, providers, redactor, steps);
      await this.#run(ref, config, deployment, redactor, false, progress.message.bind(progress));
      deployment.recordOutputs();
      if (!steps.broken) await deleteAll(deployment.obsoleteResources(), state, steps);
      steps.end();
      return result(ref, steps, plan.resources, state, (urn) => deployment.isRegistered(urn));
    });
  }

  previewDestroy(ref: StackRef): Promise<Plan> {
    const resources = inDeletionOrder(State.read(ref)?.resources ?? []);
    return Promise.resolve({
      engine: this.name,
      stack: ref.stack,
      resources: resources.map(deletionRow),
      outputs: {},
      unchecked: [],
    });
  }

  async destroy(ref: StackRef, progress: Progress): Promise<Result> {
    // Deleting needs neither program nor settings, so a stack can be destroyed even if they no longer parse.
    const project = State.read(ref)?.project ?? "";
    return withStackLock(ref, progress, project, async ({ state, steps }) => {
      const protectedOnes = state.resources.filter(({ protect }) => protect);
      if (protectedOnes.length > 0) throw protectedError(protectedOnes);
      state.begin("destroy");
      const order = inDeletionOrder(state.resources);
      await deleteAll(order, state, steps);
      return result(ref, steps, order.map(deletionRow), state, () => false);
    });
  }

  outputs(ref: StackRef): Promise<Readonly<Record<string, unknown>> | undefined> {
    const state = State.read(ref);
    return Promise.resolve(state && unwrapObject(state.root?.outputs ?? {}));
  }

  failedRun(ref: StackRef): Promise<FailedRun | undefined> {
    return Promise.resolve(State.read(ref)?.unfinished);
  }

  /** Plans on a copy of the state. Throws {@link UserError} with all failures of the providers' checks. */
  async #plan(
    ref: StackRef,
    config: ProjectConfig,
    message: Progress["message"],
  ): Promise<{ readonly deployment: Deployment; readonly plan: Plan }> {
    const state = State.open(ref, config.project).planningCopy();
    const redactor = redactorFor(state);
    const deployment = new Deployment(config, state, new Providers(), redactor);
    const unchecked = await this.#run(ref, config, deployment, redactor, true, message);
    if (deployment.checkFailures.length > 0) {
      throw new UserError(deployment.checkFailures.map((text) => redactor.redact(text)).join("\n"));
    }
    const leftovers = deployment.obsoleteResources();
    deployment.protectedDeletions.push(
      ...leftovers.filter(({ protect, condemned }) => protect && !condemned),
    );
    const plan: Plan = {
      engine: this.name,
      stack: ref.stack,
      resources: [...deployment.plan, ...leftovers.map(deletionRow)],
      outputs: maskObject(deployment.outputs ?? {}),
      unchecked: [...new Set(unchecked)],
    };
    return { deployment, plan };
  }

  /** Runs the program. @returns the look-ups that were not made, one sentence each. @throws the program's error */
  async #run(
    ref: StackRef,
    config: ProjectConfig,
    deployment: Deployment,
    redactor: Redactor,
    preview: boolean,
    message: Progress["message"],
  ): Promise<readonly string[]> {
    const monitor = new Monitor(config, deployment, this.options.lookup ?? (() => undefined));
    const file = this.options.program(ref.root);
    const problem = await runProgram({ ref, file, config, monitor, preview, message, redactor });
    if (problem !== undefined) throw problem;
    if (monitor.errors.length > 0) throw new UserError(monitor.errors.join("\n"));
    return monitor.unchecked;
  }
}

/** Runs work that changes the stack: under its lock, and interruptible. */
async function withStackLock(
  ref: StackRef,
  progress: Progress,
  project: string,
  work: (context: RunContext) => Promise<Result>,
): Promise<Result> {
  process.env["SARK_ROOT"] = ref.root;
  const release = lockStack(ref);
  const interrupt = new Interrupt((running) => {
    const waits =
      running === 0
        ? ""
        : ` Waiting up to 10 s for ${count(running, "step")} to finish. Press Ctrl-C again to stop at once.`;
    progress.message("warning", `Interrupted.${waits}`);
  }, release);
  try {
    // Read under the lock, since the run that held it before may have changed the state.
    const state = State.open(ref, project);
    const [providers, redactor] = [new Providers(), redactorFor(state)];
    const steps = new Steps(state, providers, redactor, progress, interrupt);
    return await work({ state, providers, redactor, steps });
  } finally {
    interrupt.dispose();
    if (interrupt.stopping) {
      progress.message("warning", "Stopped. Run the command again; it resumes.");
      interrupt.exit();
    }
    release();
  }
}

/** A redactor that knows the secrets of a state. */
function redactorFor({ resources }: State): Redactor {
  const redactor = new Redactor();
  for (const { inputs, outputs } of resources) redactor.addSecrets([inputs, outputs]);
  return redactor;
}

/** Maximum types that the error names; above it, it names their packages. */
const MOST_TYPES = 3;

/** Packages of which this engine supports some types. */
const PARTLY_SUPPORTED = /^(random|postgresql):/;

function refuseUnsupported({ unsupported }: Deployment): void {
  if (unsupported.size === 0) return;
  const types = [...unsupported].sort();
  const packages = new Set(
    types.map((type) => (PARTLY_SUPPORTED.test(type) ? type : type.replace(/:.*/, ""))),
  );
  const names = types.length > MOST_TYPES ? [...packages] : types;
  throw new UserError(
    `The embedded engine can plan this stack but not apply it: it has no provider for ${names.join(", ")}. ` +
      "Use --engine pulumi.",
  );
}
