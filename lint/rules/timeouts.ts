import type { ParsedFile } from "../database";
import type { Context, Objection, Rule } from "../rule";

const DIRECTIVES = ["lock_timeout", "statement_timeout"] as const;

export const timeouts: Rule = {
  name: "timeouts",
  reason:
    "A statement that waits for a lock holds up everybody behind it. What a file may take is stated at its top, where a " +
    "reviewer reads it and the runner sets it.",
  check: ({ database }: Context) => database.files.flatMap(directiveProblems),
};

function directiveProblems({ path: file, migration }: ParsedFile): readonly Objection[] {
  const stated = statedTimeouts(migration.sql);
  return DIRECTIVES.flatMap((name): Objection[] => {
    const found = stated.find(({ key }) => key === name);
    if (found === undefined) {
      const example = name === "lock_timeout" ? "2s" : "60s";
      return [{ file, line: 1, text: `State it at the top: "--! ${name} ${example}".` }];
    }
    if (Number.parseInt(found.value, 10) > 0) return [];
    return [
      {
        file,
        line: found.line,
        text: `${name} 0 is no limit: state a time in which it ends, such as 10min.`,
      },
    ];
  });
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
