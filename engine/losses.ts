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
  const servers = Object.values(outputs.servers);
  const [lost, kept] = await Promise.all(
    [false, true].map((stays) =>
      describeAll(
        outputs,
        servers.filter(({ retained = false }) => retained === stays),
      ),
    ),
  );
  return { lost: lost ?? [], kept: kept ?? [] };
}

function describeAll(
  outputs: StackOutputs,
  servers: readonly ServerOutput[],
): Promise<readonly string[]> {
  return Promise.all(
    servers.map(async (server) => {
      const { database, host, port } = server;
      const name = `${database}_monitor`;
      const size =
        name in outputs.logins ? await probeSize(server, findLogin(outputs, name)) : undefined;
      const sizeText = size?.up === true ? `, ${(size.facts / 1024 / 1024).toFixed(1)} MiB` : "";
      return `the database ${database} with its data (${host}:${port}${sizeText})`;
    }),
  );
}
