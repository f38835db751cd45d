/** The transcripts of README.md, compared with what the commands print. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { StackCopy } from "../scratch/scratch-stack";

jest.setTimeout(120_000);

const README = readFileSync(join(__dirname, "..", "README.md"), "utf8");

/** Blocks that begin with a command, by the command. */
const transcripts = new Map(
  [...README.matchAll(/^```\n\$ (?<command>.+)\n(?<output>[^]*?)^```$/gm)].map(({ groups }) => [
    groups?.["command"] ?? "",
    groups?.["output"] ?? "",
  ]),
);

let stack: StackCopy;
beforeAll(async () => {
  // README shows a machine without a Pulumi CLI.
  const path = (process.env["PATH"] ?? "")
    .split(":")
    .filter((folder) => !folder.includes("pulumi"));
  stack = await StackCopy.make({ PATH: path.join(":") });
});
afterAll(() => stack.remove());

/** Replaces what differs between runs: ports, and durations. */
function normalised(text: string): string {
  const { sark, sarkReplica, audit, pool } = stack.ports;
  return [
    [sark, 15432],
    [sarkReplica, 15433],
    [audit, 15434],
    [pool, 16432],
  ]
    .reduce((all, [own, usual]) => all.replaceAll(String(own), String(usual)), text)
    .replace(/\d+\.\d s\b/g, "N s");
}

/** Parts of a transcript, between its lines "...", that do not follow one another in an output. */
function missingParts(transcript: string, output: string): readonly string[] {
  let rest = `\n${normalised(output)}`;
  return normalised(transcript)
    .split(/^\.\.\.\n/m)
    .filter((part) => {
      const at = part === "" ? 0 : rest.indexOf(`\n${part}`);
      if (at >= 0) rest = rest.slice(at + part.length);
      return at < 0;
    });
}

it("README shows what up, status and preview print", async () => {
  const commands = ["npm run up -- --yes", "npm run status", "npm run preview"];
  expect([...transcripts.keys()]).toEqual(commands);
  for (const command of commands) {
    if (command === "npm run preview") {
      stack.configure((config) => {
        Object.assign(config["sark-databases:sark"] as object, { connections: 120 });
      });
    }
    const { stdout } = await stack.mustRun(
      ...command
        .split(" ")
        .slice(2)
        .filter((word) => word !== "--"),
    );
    expect(missingParts(transcripts.get(command) ?? "", stdout)).toEqual([]);
  }
});

it("a transcript with a changed line is noticed", () => {
  expect(missingParts("a\n...\nc\n", "a\nb\nc\n")).toEqual([]);
  expect(missingParts("a\nc\n", "a\nb\nc\n")).toEqual(["a\nc\n"]);
  expect(missingParts("c\n...\na\n", "a\nb\nc\n")).toEqual(["a\n"]);
});
