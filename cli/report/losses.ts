import { homeNamed } from "../../components/homes/plan/registry";
import type { ServerOutput, StackOutputs } from "../../components/outputs/outputs";
import { hostAndPort } from "../../components/text/address";
import { namespaceLosses } from "./losses-kubernetes";
import { findLogin } from "../../engine/read-outputs";
import { probeSize } from "../status/status-probe";

/** The data of a stack that is to be destroyed, a line each: databases with their size, where the server can tell. */
export interface Losses {
  /** These go, for good. */
  readonly lost: readonly string[];
  /** These stay where they are, without the stack. */
  readonly kept: readonly string[];
  /** These go, and a last snapshot of each stays. */
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
  const saved = texts("saved").map((text) => `${text}; automated backups stay for their days`);
  const others = await namespaceLosses(Object.values(outputs.servers));
  return { lost: [...texts("lost"), ...others], kept: texts("kept"), saved };
}

function fateOf({ retained, home }: ServerOutput): keyof Losses {
  if (retained === true) return "kept";
  return homeNamed(home)?.deleted ?? "lost";
}

async function describeServer(outputs: StackOutputs, server: ServerOutput): Promise<string> {
  const { database, host, port } = server;
  const name = `${database}_monitor`;
  const size =
    name in outputs.logins ? await probeSize(server, findLogin(outputs, name)) : undefined;
  const sizeText = size?.up === true ? `, ${(size.facts / 1024 / 1024).toFixed(1)} MiB` : "";
  return `the database ${database} with its data (${hostAndPort(host, port)}${sizeText})`;
}
