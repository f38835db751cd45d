import type { StackOutputs } from "../components/outputs";
import { findLogin } from "./stack-outputs";
import { probeSize } from "./status-probe";

/** The databases that go with a stack, a line each; with their size, where the server can tell. */
export async function lossesOf(outputs: StackOutputs): Promise<readonly string[]> {
  return Promise.all(
    Object.values(outputs.servers).map(async (server) => {
      const { database, host, port } = server;
      const name = `${database}_monitor`;
      const size =
        name in outputs.logins ? await probeSize(server, findLogin(outputs, name)) : undefined;
      const sizeText = size?.up === true ? `, ${(size.facts / 1024 / 1024).toFixed(1)} MiB` : "";
      return `the database ${database} with its data (${host}:${port}${sizeText})`;
    }),
  );
}
