import { readFileSync } from "node:fs";
import { join } from "node:path";

const PART = /<!-- generated: (.+?) -->\n[^]*?<!-- \/generated -->/g;

/**
 * A handwritten page with generated parts, each between `<!-- generated: NAME -->` and `<!-- /generated -->`.
 * @param root the project's folder
 * @param parts text by name
 * @throws Error if the page has other parts
 */
export function pageWithParts(
  root: string,
  file: string,
  parts: Readonly<Record<string, string>>,
): string {
  const page = readFileSync(join(root, file), "utf8");
  const found = [...page.matchAll(PART)].map(([, name = ""]) => name);
  if (found.join() !== Object.keys(parts).join()) {
    throw new Error(
      `${file}: has the generated parts ${found.join(", ") || "none"}; expected: ${Object.keys(parts).join(", ")}`,
    );
  }
  return page.replace(
    PART,
    (_, name: string) =>
      `<!-- generated: ${name} -->\n\n${parts[name] ?? ""}\n\n<!-- /generated -->`,
  );
}
