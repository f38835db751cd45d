import { DEFAULT_STACK } from "./names";
import { State } from "./embedded/state";
import { UserError, type EngineName, type StackRef } from "./engine";
import { fetchCli, rememberedFailure } from "./pulumi/fetch-cli";
import { findCli, type CliSearch } from "./pulumi/find-cli";
import { findBackend } from "./pulumi/pulumi-environment";
import { hasPulumiResources } from "./pulumi/pulumi-state";
import { printable } from "../components/text/printable";
import { hasServerFolders } from "../components/homes/local/processes/paths";

export type EngineChoice =
  | { readonly engine: "embedded"; readonly why: string }
  | { readonly engine: "pulumi"; readonly why: string; readonly command: string };

export interface EngineRequest {
  readonly ref: StackRef;
  readonly command: string;
  /** The value of `--engine`. */
  readonly requested: EngineName | undefined;
}

/** The inputs of the choice. Tests replace them, to need no network and no home folder. */
export interface EngineContext {
  readonly find: () => Promise<CliSearch>;
  /** Downloads the CLI. Returns why that failed; undefined if it succeeded. */
  readonly fetch: () => Promise<string | undefined>;
  readonly rememberedFailure: () => string | undefined;
  readonly createdBy: (engine: EngineName) => boolean;
  /** Whether this machine has servers of the stack, but no state for them. */
  readonly hasOrphanedServers: () => boolean;
}

export function engineContext(ref: StackRef, env: Readonly<NodeJS.ProcessEnv>): EngineContext {
  return {
    find: () => findCli(ref.root, env),
    fetch: () => fetchCli(ref.root, env),
    rememberedFailure: () => rememberedFailure(ref.root),
    createdBy: (engine) =>
      engine === "pulumi" ? hasPulumiResources(ref) : (State.read(ref)?.resources.length ?? 0) > 0,
    // In another backend there may be a state for them.
    hasOrphanedServers: () =>
      ref.stack === DEFAULT_STACK && findBackend(ref.root, env).own && hasServerFolders(ref.root),
  };
}

/** The commands that the embedded engine only runs for local stacks. */
const APPLYING: readonly string[] = ["up", "destroy"];

/**
 * Chooses the engine of a command, by the first rule that applies:
 * 1. the engine named by `--engine`
 * 2. the engine that created the stack
 * 3. for local servers whose state is lost, the embedded engine, which adopts them
 * 4. a CLI on this machine
 * 5. to apply a stack other than `local`, a downloaded CLI
 * 6. the embedded engine
 *
 * The stack `local` does not need the CLI, so neither it nor a preview downloads a hundred megabytes.
 * @throws {UserError} if `--engine` names the engine that did not create the stack, or a required CLI is missing
 */
export async function chooseEngine(
  { ref, command, requested }: EngineRequest,
  { find, fetch, rememberedFailure, createdBy, hasOrphanedServers }: EngineContext,
): Promise<EngineChoice> {
  const makers = (["embedded", "pulumi"] as const).filter(createdBy);
  if (requested !== undefined) {
    refuseOther(requested, makers, ref, command);
    if (requested === "embedded") return { engine: "embedded", why: "--engine" };
    return withCli("--engine pulumi needs the Pulumi CLI", "--engine");
  }
  const [maker, second] = makers;
  if (second !== undefined) {
    throw new UserError(
      `Both engines have resources of stack ${ref.stack}. Choose one with --engine, ` +
        "and destroy the stack with the other.",
    );
  }
  if (maker === "embedded") return { engine: "embedded", why: `it created stack ${ref.stack}` };
  if (maker === "pulumi") {
    return withCli(
      `Stack ${ref.stack} was created by the Pulumi CLI, so the CLI is needed`,
      `it created stack ${ref.stack}`,
    );
  }
  // The CLI would fail at the first role that already exists.
  if (hasOrphanedServers())
    return { engine: "embedded", why: "the state of the local servers is lost" };

  const cli = await find();
  if (cli.command !== undefined) return { engine: "pulumi", command: cli.command, why: cli.where };
  if (ref.stack === DEFAULT_STACK || !APPLYING.includes(command)) {
    return { engine: "embedded", why: cli.reason };
  }
  const failure = rememberedFailure() ?? (await fetch());
  if (failure !== undefined) return { engine: "embedded", why: `${cli.reason}; ${failure}` };
  return withCli("The Pulumi CLI was downloaded, but does not work", "fetched");

  /** @param need the first half of the error message */
  async function withCli(need: string, why: string): Promise<EngineChoice> {
    const found = await find();
    if (found.command !== undefined) return { engine: "pulumi", command: found.command, why };
    const failed = why === "fetched" ? undefined : await fetch();
    const fetched = failed === undefined ? await find() : undefined;
    if (fetched?.command !== undefined) {
      return { engine: "pulumi", command: fetched.command, why: `${why}, fetched` };
    }
    throw new UserError(
      `${need}: ${printable([found.reason, failed].filter(Boolean).join("; "))}. ` +
        "Install it (https://www.pulumi.com/docs/install/) so that `pulumi version` works, and run this again.",
    );
  }
}

function refuseOther(
  requested: EngineName,
  makers: readonly EngineName[],
  { stack }: StackRef,
  command: string,
): void {
  const [maker] = makers;
  // A preview changes nothing, so either engine may do it.
  if (maker === undefined || makers.includes(requested) || command === "preview") return;
  throw new UserError(
    `Stack ${stack} was created by the ${nameOf(maker)}, and the ${nameOf(requested)} does not have its state. ` +
      `Leave out --engine. Or destroy the stack first, with its data: npm run destroy -- --stack ${stack} --engine ${maker}`,
  );
}

function nameOf(engine: EngineName): string {
  return engine === "pulumi" ? "Pulumi CLI" : "embedded engine";
}
