import * as fs from "node:fs";
import * as path from "node:path";
import {
  hasPulumiResources,
  ownStateFolder,
  passphraseFile,
} from "../../../engine/pulumi/pulumi-state";
import { scratchFolder } from "../../cli/support/fakes";

const A_STATE = { resources: [{}] };

/** A checkout that contains the CLI's state. */
function checkout(stack = "local") {
  const root = scratchFolder();
  const cli = path.join(ownStateFolder(root), ".pulumi");
  const stacks = path.join(cli, "stacks", "sark-databases");
  const history = path.join(cli, "history", "sark-databases", stack);
  [stacks, history].forEach((folder) => fs.mkdirSync(folder, { recursive: true }));
  fs.writeFileSync(path.join(root, "Pulumi.yaml"), "name: sark-databases\nruntime: nodejs\n");
  fs.writeFileSync(passphraseFile(root), "secret");
  const file = path.join(stacks, `${stack}.json`);
  const bak = `${file}.bak`;
  const end = (n: number) => path.join(history, `${stack}-${n}.checkpoint.json`);
  return { ref: { root, stack }, file, bak, end };
}

/** @param minute the age of the file */
function write(file: string, latest: object | string, minute = 0): void {
  const text = typeof latest === "string" ? latest : JSON.stringify({ checkpoint: { latest } });
  fs.writeFileSync(file, text);
  fs.utimesSync(file, 0, Date.UTC(2026, 0, 1, 12, minute) / 1000);
}

describe("a stack of the CLI", () => {
  it("has resources once one was created, or its creation was started", () => {
    const { ref, file } = checkout();
    expect(hasPulumiResources(ref)).toBe(false);
    write(file, { resources: null });
    expect(hasPulumiResources(ref)).toBe(false);
    write(file, A_STATE);
    expect(hasPulumiResources(ref)).toBe(true);
    write(file, { resources: [], pending_operations: [{}] });
    expect(hasPulumiResources(ref)).toBe(true);
  });

  it("has no resources after the CLI removed it, which leaves a copy but no history", () => {
    const { ref, bak } = checkout();
    write(bak, A_STATE);
    expect(hasPulumiResources(ref)).toBe(false);
  });
});

describe("the error about an unusable state of the CLI", () => {
  const FAULTS: readonly [string, string | undefined][] = [
    ["is missing", undefined],
    ["is empty", ""],
    ["is damaged (it does not hold a state)", '{"checkpoint":'],
    ["is damaged (it does not hold a state)", "{}"],
    ["is damaged (it does not hold a state)", "null"],
  ];

  it.each(FAULTS)("that %s (%j) names the newest complete copy", (fault, text) => {
    const { ref, file, bak, end } = checkout();
    write(end(1), A_STATE, 1);
    write(end(2), A_STATE, 3);
    write(bak, A_STATE, 2);
    if (text !== undefined) write(file, text);
    expect(() => hasPulumiResources(ref)).toThrow(
      `The Pulumi CLI's state file ${file} ${fault}. Copy ${end(2)} there: the CLI's own copy of the state, from 2026-01-01 12:03:00 UTC.`,
    );
  });

  it("skips copies that are damaged or empty", () => {
    const { ref, file, bak, end } = checkout();
    write(file, "");
    write(bak, "{", 9);
    write(end(2), { resources: [] }, 3);
    write(end(1), A_STATE, 1);
    expect(() => hasPulumiResources(ref)).toThrow(`Copy ${end(1)} there`);
  });

  it("prefers a newer .bak file to an older checkpoint", () => {
    const { ref, file, bak, end } = checkout();
    write(file, "");
    write(end(1), A_STATE, 1);
    write(bak, A_STATE, 2);
    expect(() => hasPulumiResources(ref)).toThrow(`Copy ${bak} there`);
  });

  it("explains how to adopt the servers if there is no copy", () => {
    const { ref, file, bak } = checkout();
    write(file, "");
    write(bak, "");
    expect(() => hasPulumiResources(ref)).toThrow(
      `is empty. The CLI has no usable copy of it. Move ${file} away, and run \`npm run up\`: the embedded engine adopts`,
    );
  });

  it("asks for a backup of a stack that cannot be adopted", () => {
    const { ref, file } = checkout("dev");
    write(file, "");
    expect(() => hasPulumiResources(ref)).toThrow(
      "Restore it from a backup of this checkout. Without one, import each object of the stack with `pulumi import`",
    );
  });

  it("names a missing passphrase, without which the copies are unusable, too", () => {
    const { ref, file, end } = checkout();
    write(file, A_STATE);
    write(end(1), A_STATE);
    const passphrase = passphraseFile(ref.root);
    fs.rmSync(passphrase);
    expect(() => hasPulumiResources(ref)).toThrow(
      `The file ${passphrase} is missing, and the secrets in the state of stack local are encrypted with it. ` +
        `Restore it from a backup of this checkout. Without one: Move ${file} and ${path.dirname(end(1))} away`,
    );
    fs.rmSync(file);
    expect(hasPulumiResources(ref)).toBe(false);
  });

  it("names a folder in the place of the state file", () => {
    const { ref, file, bak } = checkout();
    write(bak, A_STATE);
    fs.mkdirSync(file);
    expect(() => hasPulumiResources(ref)).toThrow(
      `${file} is a folder, but must be the Pulumi CLI's state file. Move the folder away. Copy ${bak} there`,
    );
  });
});
