import type { ParsedFile } from "../parsed";
import type { Context, Objection, Rule } from "../rule";

/** Each directive with an example. */
const DIRECTIVES = { lock_timeout: "2s", statement_timeout: "60s" } as const;

export const timeouts: Rule = {
  name: "timeouts",
  reason:
    "Sessions queue behind a statement that waits for a lock. The limits at the top of the file are what a reviewer reads " +
    "and what the runner sets.",
  check: ({ database }: Context) => database.files.flatMap(directiveProblems),
};

/** One objection for all directives of a file. */
function directiveProblems({ path: file, migration }: ParsedFile): readonly Objection[] {
  const stated = statedTimeouts(migration.sql);
  const missing = Object.entries(DIRECTIVES)
    .filter(([name]) => !stated.some(({ key }) => key === name))
    .map(([name, example]) => `"--! ${name} ${example}"`);
  const unlimited = stated.filter(
    ({ key, value }) => key in DIRECTIVES && Number.parseInt(value, 10) === 0,
  );
  const texts: string[] = [];
  if (missing.length > 0) texts.push(`Add ${missing.join(" and ")} at the top of the file.`);
  if (unlimited.length > 0) {
    const names = unlimited.map(({ key, value }) => `${key} ${value}`).join(" and ");
    const verb = unlimited.length > 1 ? "mean" : "means";
    texts.push(`${names} ${verb} no limit: write a time such as 2s or 10min.`);
  }
  if (texts.length === 0) return [];
  const line = missing.length > 0 ? 1 : (unlimited[0]?.line ?? 1);
  return [{ file, line, text: texts.join(" ") }];
}

function statedTimeouts(
  sql: string,
): readonly { readonly key: string; readonly value: string; readonly line: number }[] {
  const lines = sql.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("--!"));
  return lines.slice(0, end < 0 ? undefined : end).flatMap((text, index) => {
    const [, key, value] = /^--!\s*(\w+)\s+(\S+)\s*$/.exec(text) ?? [];
    return key === undefined || value === undefined ? [] : [{ key, value, line: index + 1 }];
  });
}
