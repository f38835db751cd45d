import * as fs from "node:fs";
import * as path from "node:path";
import { RULES } from "../../lint/rules/rules";
import { LEFT_OUT } from "../../lint/squawk-left-out";

/** The rows of the page's tables, without what aligns them. */
function rowsUnder(heading: string): readonly string[] {
  const page = fs.readFileSync(path.join(__dirname, "../../docs/lint.md"), "utf8");
  const [, section = ""] = page.split(`\n## ${heading}\n`);
  return (section.split("\n## ")[0] ?? "")
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.replace(/ +/g, " "));
}

it("docs/lint.md has every rule with its reason", () => {
  expect(rowsUnder("Rules")).toEqual(
    RULES.map(({ name, reason }) => `| \`${name}\` | ${reason} |`),
  );
});

it("docs/lint.md has every rule of squawk's that is left out, and why", () => {
  expect(rowsUnder("What squawk is not asked")).toEqual(
    LEFT_OUT.map(
      ({ rules, reason }) => `| ${rules.map((rule) => `\`${rule}\``).join(", ")} | ${reason} |`,
    ),
  );
});
