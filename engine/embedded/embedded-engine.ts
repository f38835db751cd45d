import {
  UserError,
  notMade,
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
import { Lock } from "./stack-lock";
import { Monitor, type Lookup } from "./monitor";
import { runProgram } from "./run-program";
import { Providers } from "./providers/providers-by-type";
import { Redactor } from "./redactor";
import { deleteAll, result } from "./results";
import { deletionRow } from "./rows";
import { State } from "./state";
import { Steps } from "./steps";
import { maskObject, unwrapObject } from "../wire";

export interface EmbeddedEngineOptions {
  /** The bundled program of a project: a CommonJS file. */
  readonly program: (root: string) => string;
  /** Placeholders for look-ups that need a cloud; without one their answers are unknown. */
  readonly lookup?: Lookup;
}

/** The finding of one pass that changes nothing. */
interface Forecast {
  readonly deployment: Deployment;
  readonly plan: Plan;
}

/**
 * Runs the program without a Pulumi CLI. It plans every stack, and applies those whose resources are components,
 * `random`, `postgresql` and dynamic resources. See docs/embedded-engine.md.
 */
export class EmbeddedEngine implements Engine {
  readonly name = "embedded";

  constructor(private readonly options: EmbeddedEngineOptions) {}

  async preview(
    ref: StackRef,
    progress: Progress,
    { refresh = false }: PreviewOptions = {},
  ): Promise<Plan> {
    if (refresh && State.read(ref) === undefined) throw notMade(ref);
    nameRoot(ref);
    const config = readConfig(ref);
    const { plan, deployment } = await this.#forecast(ref, config, progress.message.bind(progress));
    if (deployment.protectedLosses.length > 0) {
      progress.message("error", protectedError(deployment.protectedLosses).message);
    }
    return plan;
  }

  async up(ref: StackRef, progress: Progress): Promise<Result> {
    const config = readConfig(ref);
    return this.#exclusively(
      ref,
      progress,
      config,
      async (state, providers, redactor, interrupt) => {
        const { deployment: forecast, plan } = await this.#forecast(ref, config, () => undefined);
        refuseUnsupported(forecast);
        if (forecast.protectedLosses.length > 0) throw protectedError(forecast.protectedLosses);

        state.begin("up");
        const steps = new Steps(state, providers, redactor, progress, interrupt);
        const names = { project: config.project, stack: ref.stack };
        const deployment = new Deployment(names, state, providers, redactor, steps);
        const problem = await this.#run(
          ref,
          config,
          deployment,
          redactor,
          false,
          progress.message.bind(progress),
        );
        if (problem !== undefined) throw problem;
        deployment.settleOutputs();
        if (!steps.broken) await deleteAll(deployment.leftovers(), state, steps);
        steps.end();
        return result(ref, steps, plan.resources, state, (urn) => deployment.isRegistered(urn));
      },
    );
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
    const existing = State.read(ref);
    const config = configForDeletion(ref, existing);
    return this.#exclusively(
      ref,
      progress,
      config,
      async (state, providers, redactor, interrupt) => {
        const protectedOnes = state.resources.filter(({ protect }) => protect);
        if (protectedOnes.length > 0) throw protectedError(protectedOnes);
        state.begin("destroy");
        const steps = new Steps(state, providers, redactor, progress, interrupt);
        const order = inDeletionOrder(state.resources);
        await deleteAll(order, state, steps);
        return result(ref, steps, order.map(deletionRow), state, () => false);
      },
    );
  }

  outputs(ref: StackRef): Promise<Readonly<Record<string, unknown>> | undefined> {
    const state = State.read(ref);
    return Promise.resolve(state && unwrapObject(state.root?.outputs ?? {}));
  }

  failedRun(ref: StackRef): Promise<FailedRun | undefined> {
    return Promise.resolve(State.read(ref)?.unfinished);
  }

  /** Plans on a copy of the state. Throws {@link UserError} with all that the providers' checks object to. */
  async #forecast(
    ref: StackRef,
    config: ProjectConfig,
    message: Progress["message"],
  ): Promise<Forecast> {
    const state = State.open(ref, config.project).scratch();
    const redactor = new Redactor();
    for (const { inputs, outputs } of state.resources) {
      redactor.learn(inputs);
      redactor.learn(outputs);
    }
    const providers = new Providers(config);
    const names = { project: config.project, stack: ref.stack };
    const deployment = new Deployment(names, state, providers, redactor);
    const unchecked: string[] = [];
    const problem = await this.#run(ref, config, deployment, redactor, true, message, unchecked);
    if (problem !== undefined) throw problem;
    if (deployment.objections.length > 0) {
      throw new UserError(deployment.objections.map((text) => redactor.redact(text)).join("\n"));
    }
    const leftovers = deployment.leftovers();
    deployment.protectedLosses.push(
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

  async #run(
    ref: StackRef,
    config: ProjectConfig,
    deployment: Deployment,
    redactor: Redactor,
    preview: boolean,
    message: Progress["message"],
    unchecked: string[] = [],
  ): Promise<Error | undefined> {
    const names = { project: config.project, stack: ref.stack };
    const lookup = this.options.lookup ?? (() => undefined);
    const monitor = new Monitor(names, deployment, lookup);
    const file = this.options.program(ref.root);
    const problem = await runProgram({ ref, file, config, monitor, preview, message, redactor });
    unchecked.push(...monitor.unchecked);
    if (problem !== undefined || monitor.errors.length === 0) return problem;
    return new UserError(monitor.errors.join("\n"));
  }

  /** Does something that changes the stack: alone, interruptible, and with everything closed at the end. */
  async #exclusively(
    ref: StackRef,
    progress: Progress,
    config: ProjectConfig,
    work: (
      state: State,
      providers: Providers,
      redactor: Redactor,
      interrupt: Interrupt,
    ) => Promise<Result>,
  ): Promise<Result> {
    nameRoot(ref);
    const lock = Lock.take(ref);
    const interrupt = new Interrupt(
      (running) => {
        const waits =
          running === 0
            ? ""
            : ` Waiting up to 10 s for ${count(running, "step")} to finish. Press Ctrl-C again to stop at once.`;
        progress.message("warning", `Interrupted.${waits}`);
      },
      () => {
        lock.release();
      },
    );
    const providers = new Providers(config);
    const redactor = new Redactor();
    try {
      // Read under the lock: the run that held it before may have changed the state.
      const state = State.open(ref, config.project);
      for (const { inputs, outputs } of state.resources) {
        redactor.learn(inputs);
        redactor.learn(outputs);
      }
      return await work(state, providers, redactor, interrupt);
    } finally {
      await providers.close();
      interrupt.dispose();
      if (interrupt.stopping) {
        progress.message("warning", "Stopped. Run the command again; it resumes.");
        interrupt.exit();
      }
      lock.release();
    }
  }
}

/** With more of them a refusal names their packages. */
const MOST_TYPES = 3;

/** Packages that this engine has some types of. */
const HALF_KNOWN = /^(random|postgresql):/;

function refuseUnsupported({ unsupported }: Deployment): void {
  if (unsupported.size === 0) return;
  const types = [...unsupported].sort();
  const packages = new Set(types.map((type) => (HALF_KNOWN.test(type) ? type : firstPart(type))));
  const names = types.length > MOST_TYPES ? [...packages] : types;
  throw new UserError(
    `The embedded engine can plan this stack but not apply it: it has no provider for ${names.join(", ")}. ` +
      "Use --engine pulumi.",
  );
}

function firstPart(type: string): string {
  return type.slice(0, type.indexOf(":"));
}

/** Dynamic providers find the checkout by this, wherever their process was started. */
function nameRoot({ root }: StackRef): void {
  process.env["SARK_ROOT"] = root;
}

/** Deleting needs no program, so a stack can be destroyed also when its settings no longer parse. */
function configForDeletion(ref: StackRef, state: State | undefined): ProjectConfig {
  let config: ProjectConfig = { project: "", values: {} };
  try {
    config = readConfig(ref);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
  return { ...config, project: state?.project ?? config.project };
}
