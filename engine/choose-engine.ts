import { DEFAULT_STACK } from "./names";
import { State } from "./embedded/state";
import { UserError, type EngineName, type StackRef } from "./engine";
import { fetchCli, rememberedFailure } from "./pulumi/fetch-cli";
import { findCli, type CliSearch } from "./pulumi/find-cli";
import { findBackend } from "./pulumi/pulumi-environment";
import { hasPulumiResources } from "./pulumi/pulumi-state";
import { printable } from "../components/text/printable";
import { hasServerFolders } from "../components/homes/local/processes/paths";

export type Choice =
  | { readonly engine: "embedded"; readonly why: string }
  | { readonly engine: "pulumi"; readonly why: string; readonly command: string };

export interface EngineRequest {
  readonly ref: StackRef;
  readonly command: string;
  /** What `--engine` says. */
  readonly requested: EngineName | undefined;
}

/** What the choice depends on, so that tests can be without a network and a home. */
export interface Surroundings {
  readonly find: () => Promise<CliSearch>;
  /** Why the CLI cannot be fetched; undefined when it was. */
  readonly fetch: () => Promise<string | undefined>;
  readonly rememberedFailure: () => string | undefined;
  readonly madeBy: (engine: EngineName) => boolean;
  /** Whether servers of the stack are here, and no state that knows them. */
  readonly orphans: () => boolean;
}

export function surroundingsOf(ref: StackRef, env: Readonly<NodeJS.ProcessEnv>): Surroundings {
  return {
    find: () => findCli(ref.root, env),
    fetch: () => fetchCli(ref.root, env),
    rememberedFailure: () => rememberedFailure(ref.root),
    madeBy: (engine) =>
      engine === "pulumi" ? hasPulumiResources(ref) : (State.read(ref)?.resources.length ?? 0) > 0,
    // Elsewhere a state may well know them.
    orphans: () =>
      ref.stack === DEFAULT_STACK && findBackend(ref.root, env).own && hasServerFolders(ref.root),
  };
}

/** The commands that the embedded engine does for local stacks alone. */
const APPLYING: readonly string[] = ["up", "destroy"];

/**
 * Chooses who carries a command out: `--engine`; else the engine that made the stack; else, for servers whose state
 * is lost, the embedded one, which adopts them; else the CLI that is on this machine; else, to apply a stack other than
 * `local`, a CLI that is fetched; else the embedded engine.
 *
 * The stack `local` needs nothing of the CLI's, so no hundred megabytes are fetched for it, nor for a preview.
 * @throws {UserError} when `--engine` names the one that did not make the stack, or a CLI is needed and there is none
 */
export async function chooseEngine(
  { ref, command, requested }: EngineRequest,
  { find, fetch, rememberedFailure, madeBy, orphans }: Surroundings,
): Promise<Choice> {
  const makers = (["embedded", "pulumi"] as const).filter(madeBy);
  if (requested !== undefined) {
    refuseOther(requested, makers, ref, command);
    if (requested === "embedded") return { engine: "embedded", why: "--engine" };
    return withCli("--engine pulumi needs the Pulumi CLI", "--engine");
  }
  const [maker, second] = makers;
  if (second !== undefined) {
    throw new UserError(
      `Both engines have resources of stack ${ref.stack}. Say which one is meant with --engine, ` +
        "and destroy the stack with the other.",
    );
  }
  if (maker === "embedded") return { engine: "embedded", why: `it made stack ${ref.stack}` };
  if (maker === "pulumi") {
    return withCli(
      `Stack ${ref.stack} was made by the Pulumi CLI, so the CLI is needed`,
      `it made stack ${ref.stack}`,
    );
  }
  // The CLI would fail at the first role that exists.
  if (orphans()) return { engine: "embedded", why: "the state of the servers here is lost" };

  const cli = await find();
  if (cli.command !== undefined) return { engine: "pulumi", command: cli.command, why: cli.where };
  if (ref.stack === DEFAULT_STACK || !APPLYING.includes(command)) {
    return { engine: "embedded", why: cli.reason };
  }
  const failure = rememberedFailure() ?? (await fetch());
  if (failure !== undefined) return { engine: "embedded", why: `${cli.reason}; ${failure}` };
  return withCli("The Pulumi CLI was fetched, and is not usable", "fetched");

  /** @param need the first half of the refusal */
  async function withCli(need: string, why: string): Promise<Choice> {
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
  // A preview changes nothing, and may well be asked of the other one.
  if (maker === undefined || makers.includes(requested) || command === "preview") return;
  throw new UserError(
    `Stack ${stack} was made by the ${nameOf(maker)}, and the ${nameOf(requested)} does not know its resources. ` +
      `Leave out --engine; or destroy the stack first (npm run destroy -- --stack ${stack} --engine ${maker}), which deletes its data.`,
  );
}

function nameOf(engine: EngineName): string {
  return engine === "pulumi" ? "Pulumi CLI" : "embedded engine";
}
