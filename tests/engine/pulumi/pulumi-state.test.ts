import * as fs from "node:fs";
import * as path from "node:path";
import {
  hasPulumiResources,
  ownStateFolder,
  passphraseFile,
} from "../../../engine/pulumi/pulumi-state";
import { scratchFolder } from "../../cli/support/fakes";

const A_STATE = { resources: [{}] };

/** A checkout whose CLI keeps its state in it. */
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

describe("a stack of the CLI's", () => {
  it("counts as made once it has a resource, or has begun one", () => {
    const { ref, file } = checkout();
    expect(hasPulumiResources(ref)).toBe(false);
    write(file, { resources: null });
    expect(hasPulumiResources(ref)).toBe(false);
    write(file, A_STATE);
    expect(hasPulumiResources(ref)).toBe(true);
    write(file, { resources: [], pending_operations: [{}] });
    expect(hasPulumiResources(ref)).toBe(true);
  });

  it("counts as not made when the CLI has removed it, which leaves a copy and no history", () => {
    const { ref, bak } = checkout();
    write(bak, A_STATE);
    expect(hasPulumiResources(ref)).toBe(false);
  });
});

describe("a state of the CLI's that cannot be used", () => {
  const FAULTS: readonly [string, string | undefined][] = [
    ["is missing", undefined],
    ["is empty", ""],
    ["is damaged (it does not hold a state)", '{"checkpoint":'],
    ["is damaged (it does not hold a state)", "{}"],
    ["is damaged (it does not hold a state)", "null"],
  ];

  it.each(FAULTS)("that %s (%j): names the newest whole copy", (fault, text) => {
    const { ref, file, bak, end } = checkout();
    write(end(1), A_STATE, 1);
    write(end(2), A_STATE, 3);
    write(bak, A_STATE, 2);
    if (text !== undefined) write(file, text);
    expect(() => hasPulumiResources(ref)).toThrow(
      `The Pulumi CLI's state file ${file} ${fault}. Copy ${end(2)} there: the CLI's own copy of the state, of 2026-01-01 12:03:00 UTC.`,
    );
  });

  it("skips copies that are damaged or have nothing in them", () => {
    const { ref, file, bak, end } = checkout();
    write(file, "");
    write(bak, "{", 9);
    write(end(2), { resources: [] }, 3);
    write(end(1), A_STATE, 1);
    expect(() => hasPulumiResources(ref)).toThrow(`Copy ${end(1)} there`);
  });

  it("prefers the copy of before a change to the older end of a run", () => {
    const { ref, file, bak, end } = checkout();
    write(file, "");
    write(end(1), A_STATE, 1);
    write(bak, A_STATE, 2);
    expect(() => hasPulumiResources(ref)).toThrow(`Copy ${bak} there`);
  });

  it("and has no copy either: says how the stack goes on", () => {
    const { ref, file, bak } = checkout();
    write(file, "");
    write(bak, "");
    expect(() => hasPulumiResources(ref)).toThrow(
      `is empty. The CLI has no usable copy of it. Move ${file} away, and run \`npm run up\`: the embedded engine adopts`,
    );
  });

  it("of another stack, which nothing adopts: asks for a backup", () => {
    const { ref, file } = checkout("dev");
    write(file, "");
    expect(() => hasPulumiResources(ref)).toThrow(
      "Bring it back from a backup of this checkout; without one, take up each object of the stack with `pulumi import`",
    );
  });

  it("since its passphrase is gone: says so, and the copies are of no use either", () => {
    const { ref, file, end } = checkout();
    write(file, A_STATE);
    write(end(1), A_STATE);
    const passphrase = passphraseFile(ref.root);
    fs.rmSync(passphrase);
    expect(() => hasPulumiResources(ref)).toThrow(
      `The file ${passphrase} is missing, and the secrets in the state of stack local are encrypted with it. ` +
        `Bring it back from a backup of this checkout. Without one: Move ${file} and ${path.dirname(end(1))} away`,
    );
    fs.rmSync(file);
    expect(hasPulumiResources(ref)).toBe(false);
  });

  it("since a folder is in its place: names it", () => {
    const { ref, file, bak } = checkout();
    write(bak, A_STATE);
    fs.mkdirSync(file);
    expect(() => hasPulumiResources(ref)).toThrow(
      `${file} is a folder, and the Pulumi CLI's state is a file of that name. Move the folder away. Copy ${bak} there`,
    );
  });
});
