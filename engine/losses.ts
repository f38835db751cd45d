import type { ServerOutput, StackOutputs } from "../components/outputs";
import { findLogin } from "./stack-outputs";
import { probeSize } from "./status-probe";

/** The databases of a stack that is to be destroyed, a line each; with their size, where the server can tell. */
export interface Losses {
  /** These go, for good. */
  readonly lost: readonly string[];
  /** These stay where they are, without the stack. */
  readonly kept: readonly string[];
}

export async function lossesOf(outputs: StackOutputs): Promise<Losses> {
  const servers = await Promise.all(
    Object.values(outputs.servers).map(async (server) => ({
      stays: server.retained === true,
      text: await describeServer(outputs, server),
    })),
  );
  const texts = (stays: boolean) =>
    servers.filter((each) => each.stays === stays).map(({ text }) => text);
  return { lost: texts(false), kept: texts(true) };
}

async function describeServer(outputs: StackOutputs, server: ServerOutput): Promise<string> {
  const { database, host, port } = server;
  const name = `${database}_monitor`;
  const size =
    name in outputs.logins ? await probeSize(server, findLogin(outputs, name)) : undefined;
  const sizeText = size?.up === true ? `, ${(size.facts / 1024 / 1024).toFixed(1)} MiB` : "";
  return `the database ${database} with its data (${host}:${port}${sizeText})`;
}
