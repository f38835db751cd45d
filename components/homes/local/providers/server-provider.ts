/**
 * Provider of local servers. `check` tests whether the server runs and raises `starts` if not, so a preview shows a
 * dead server as a change, and `up` starts it.
 */
import type * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { existingServerFolder, removeServerFolder, serverOfCommand } from "../processes/paths";
import { describeHolder, findPortHolder, isFree, type PortHolder } from "../processes/ports";
import { waitUntil } from "../processes/process";
import {
  changedInputs,
  inputFailures,
  type InputFailure,
  asRecord,
} from "../../../resources/untyped-inputs";
import { directory, port } from "./inputs";

/** Specifics of one kind of server. */
interface ServerKind<Inputs extends { readonly directory: string }> {
  readonly schema: z.ZodType<Inputs> & { readonly shape: object };
  /** Inputs whose change replaces the server. */
  readonly replacedBy: readonly (keyof Inputs & string)[];
  /** Setting that holds the port, below `sark-databases:local`. */
  readonly portSetting: string;
  /**
   * Checks of this kind only. Must not change anything.
   * @param olds inputs of the last run
   */
  readonly problems?: (
    inputs: Readonly<Record<string, unknown>>,
    olds: unknown,
  ) => readonly InputFailure[] | Promise<readonly InputFailure[]>;
  /** The port of the folder's running process, or the wanted one if the folder's process holds it. */
  readonly ownPort: (folder: string, wanted: number) => number | undefined;
  /** True when the server works completely. `olds` are the inputs that it was made with. */
  readonly isHealthy: (folder: string, olds: Readonly<Record<string, unknown>>) => Promise<boolean>;
  /** True when the data is lost, so that a start does not help: the server is replaced. @default - never */
  readonly isDataLost?: (
    folder: string | undefined,
    news: Readonly<Record<string, unknown>>,
  ) => boolean;
  /**
   * Creates or updates the server to match its inputs; safe to repeat after a kill at any moment.
   * @returns outputs that are not inputs
   */
  readonly converge: (inputs: Inputs, olds: Inputs | undefined) => Promise<object>;
  /** Stops the server; safe to repeat. */
  readonly stop: (folder: string, inputs: Inputs) => Promise<void>;
  /** Cleans up outside of the folder, once the server has stopped. */
  readonly cleanUp?: (inputs: Inputs) => Promise<void>;
}

/** The provider for a kind of server. */
export function serverProvider<Inputs extends { readonly directory: string }>(
  kind: ServerKind<Inputs>,
): pulumi.dynamic.ResourceProvider {
  const names = Object.keys(kind.schema.shape);
  const remove = async (inputs: Inputs): Promise<void> => {
    const folder = existingServerFolder(inputs.directory);
    if (folder !== undefined) await kind.stop(folder, inputs);
    await kind.cleanUp?.(inputs);
    if (folder !== undefined) removeServerFolder(inputs.directory);
  };
  return {
    async check(olds: unknown, news: unknown) {
      const inputs = { ...pick(names, news), starts: await countStarts(kind, olds) };
      const found = [
        ...inputFailures(kind.schema, inputs),
        ...((await kind.problems?.(inputs, olds)) ?? []),
        ...(await portFailures(kind, inputs, asRecord(olds)["directory"])),
      ];
      return { inputs, failures: found };
    },

    diff(_id: string, olds: unknown, news: unknown) {
      const changed = changedInputs(names, olds, news);
      const { directory } = asRecord(olds);
      const lost =
        typeof directory === "string" &&
        kind.isDataLost?.(existingServerFolder(directory), asRecord(news)) === true;
      const replaces = changed.filter((name) => kind.replacedBy.some((each) => each === name));
      return Promise.resolve({
        changes: changed.length > 0,
        // Lost data means a new server: the preview shows a replacement.
        replaces: lost && changed.includes("starts") ? [...replaces, "starts"] : replaces,
        // Both would need the same folder and port.
        deleteBeforeReplace: true,
      });
    },

    async create(news: unknown) {
      const inputs = kind.schema.parse(news);
      const existed = existingServerFolder(inputs.directory) !== undefined;
      const facts = await kind.converge(inputs, undefined).catch(async (error: unknown) => {
        // Without a state entry nothing would delete the folder later. Data from before is kept for the next attempt.
        if (!existed) await remove(inputs).catch(() => undefined);
        throw error;
      });
      // As given: defaults filled in by parsing would show up as changes.
      return { id: inputs.directory, outs: { ...pick(names, news), ...facts } };
    },

    async update(_id: string, olds: unknown, news: unknown) {
      const inputs = kind.schema.parse(news);
      const facts = await kind.converge(inputs, kind.schema.safeParse(olds).data);
      return { outs: { ...pick(names, news), ...facts } };
    },

    async delete(_id: string, olds: unknown) {
      await remove(kind.schema.parse(olds));
    },
  };
}

function pick(names: readonly string[], inputs: unknown): Record<string, unknown> {
  const given = asRecord(inputs);
  return Object.fromEntries(
    names.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])),
  );
}

async function countStarts(
  kind: Pick<ServerKind<never>, "isHealthy">,
  olds: unknown,
): Promise<number> {
  const before = asRecord(olds);
  const name = directory.safeParse(before["directory"]);
  if (!name.success) return 1;
  const starts = typeof before["starts"] === "number" ? before["starts"] : 1;
  const folder = existingServerFolder(name.data);
  return folder !== undefined && (await kind.isHealthy(folder, before)) ? starts : starts + 1;
}

async function portFailures(
  kind: Pick<ServerKind<never>, "ownPort" | "portSetting">,
  inputs: Readonly<Record<string, unknown>>,
  directoryBefore: unknown,
): Promise<InputFailure[]> {
  const wanted = port.safeParse(inputs["port"]);
  if (!wanted.success) return [];
  // A replaced server has released its port by then.
  const own = [inputs["directory"], directoryBefore].map((each) => directory.safeParse(each).data);
  for (const name of own.filter((each) => each !== undefined)) {
    const folder = existingServerFolder(name);
    if (folder !== undefined && kind.ownPort(folder, wanted.data) === wanted.data) return [];
  }
  // A server that was just killed may keep its port for a moment.
  if (await waitUntil(() => isFree(wanted.data), 1000, 100)) return [];
  const reason = portProblem(wanted.data, kind.portSetting, findPortHolder(wanted.data));
  return [{ property: "port", reason }];
}

/** Error text for a port in use: who holds it, if known, and what to do. */
export function portProblem(port: number, setting: string, holder: PortHolder | undefined): string {
  const other = `set ${setting} in sark-databases:local to a free port (nothing was changed)`;
  if (holder === undefined) {
    return `port ${port} is in use by a process that this user cannot see; stop it, or ${other}`;
  }
  const who = `port ${port} is in use by ${describeHolder(holder)}`;
  const server = serverOfCommand(holder.command);
  return server === undefined
    ? `${who}, which is not a server of this stack; stop it, or ${other}`
    : `${who}, the server "${server}" of this stack; move that server to another port, stop it, or ${other}`;
}
