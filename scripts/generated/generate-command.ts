import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { suggestion } from "../../components/text/suggestion";
import { quoted } from "../../components/text/printable";
import { UsageError } from "../../engine/engine";
import { GENERATED, type Generated } from "./list";

/**
 * `npm run generate`: writes the generated files, and prints which changed.
 * @param root the project's folder
 * @param names of entries in the list; empty for all
 * @returns the exit code
 */
export async function generate(
  root: string,
  names: readonly string[],
  say: (text: string) => void = console.log,
  list: readonly Generated[] = GENERATED,
): Promise<number> {
  for (const entry of named(list, names)) await write(root, entry, say);
  return 0;
}

/** One line for each stale file, with the command that regenerates it. */
export async function staleFiles(root: string, { name, make }: Generated): Promise<string[]> {
  return Object.entries(await make(root)).flatMap(([file, text]) => {
    const found = textOf(root, file);
    if (found === text) return [];
    const at = firstDifference(found, text);
    const line = found.slice(0, at).split("\n").length;
    return [
      `${file}:${line} is stale: run npm run generate -- ${name}. ` +
        `It has ${around(found, at)} instead of ${around(text, at)}.`,
    ];
  });
}

function firstDifference(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return at;
}

/** The text at an offset, with up to 30 characters of the line before it. */
function around(text: string, at: number): string {
  const begin = Math.max(text.lastIndexOf("\n", at - 1) + 1, at - 30);
  const [line = ""] = text.slice(begin).split("\n");
  return quoted(line);
}

function named(list: readonly Generated[], names: readonly string[]): readonly Generated[] {
  const known = list.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const near = suggestion(unknown, known);
    const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
    throw new UsageError(
      `generate: unknown name ${quoted(unknown)}.${hint} Allowed: ${known.join(", ")}.`,
    );
  }
  return names.length === 0 ? list : list.filter(({ name }) => names.includes(name));
}

async function write(
  root: string,
  { name, platform = process.platform, starts, make, differences = () => [] }: Generated,
  say: (text: string) => void,
): Promise<void> {
  if (platform !== process.platform) {
    say(`${name}: skipped, it can be generated only on ${platform}`);
    return;
  }
  if (starts !== undefined) say(`${name}: starts ${starts}`);
  for (const [file, text] of Object.entries(await make(root))) {
    const before = textOf(root, file);
    if (before === text) {
      say(`${file}: unchanged`);
      continue;
    }
    const path = join(root, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    say(`${file}: ${before === "" ? "new" : "changed"}`);
    for (const line of differences(before, text)) say(`  ${line}`);
  }
}

function textOf(root: string, file: string): string {
  const path = join(root, file);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
