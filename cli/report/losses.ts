import { findHome } from "../../components/homes/plan/registry";
import type { ServerOutput, StackOutputs } from "../../components/outputs/outputs";
import { hostAndPort } from "../../components/text/address";
import { namespaceLosses } from "./losses-kubernetes";
import { findLogin } from "../../engine/read-outputs";
import { probeSize } from "../status/status-probe";

/** The data of a stack that is to be destroyed, one line each: databases, with their size if the server answers. */
export interface Losses {
  /** Deleted permanently. */
  readonly lost: readonly string[];
  /** Kept, but no longer managed by the stack. */
  readonly kept: readonly string[];
  /** Deleted, with a final snapshot kept. */
  readonly saved: readonly string[];
}

export async function lossesOf(outputs: StackOutputs): Promise<Losses> {
  const servers = await Promise.all(
    Object.values(outputs.servers).map(async (server) => ({
      fate: fateOf(server),
      text: await describeServer(outputs, server),
    })),
  );
  const texts = (fate: keyof Losses) =>
    servers.filter((each) => each.fate === fate).map(({ text }) => text);
  const saved = texts("saved").map(
    (text) => `${text}; automated backups stay until their retention ends`,
  );
  const others = await namespaceLosses(Object.values(outputs.servers));
  return { lost: [...texts("lost"), ...others], kept: texts("kept"), saved };
}

function fateOf({ retained, home }: ServerOutput): keyof Losses {
  if (retained === true) return "kept";
  return findHome(home)?.dataAfterDelete ?? "lost";
}

async function describeServer(outputs: StackOutputs, server: ServerOutput): Promise<string> {
  const { database, host, port } = server;
  const name = `${database}_monitor`;
  const size =
    name in outputs.logins ? await probeSize(server, findLogin(outputs, name)) : undefined;
  const sizeText = size?.up === true ? `, ${(size.facts / 1024 / 1024).toFixed(1)} MiB` : "";
  return `the database ${database} with its data (${hostAndPort(host, port)}${sizeText})`;
}
