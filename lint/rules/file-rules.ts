import type { RuleContext, Objection, Rule } from "../rule";
import type { ParsedFile } from "../parsed";

/** Each directive with an example. */
const DIRECTIVES = { lock_timeout: "2s", statement_timeout: "60s" } as const;

/** Rules on directives, comments and computed statements of a file. */
export const fileRules: readonly Rule[] = [
  {
    name: "computed-execute",
    reason:
      "The lint can check an execute in a do block only if its statement is a literal. A computed statement can do anything.",
    check: ({ database }) =>
      database.files.flatMap(({ path: file, computedExecuteLines }) =>
        computedExecuteLines.map((line) => ({
          file,
          line,
          text:
            "The lint cannot read the statement that execute computes here. Write it as a literal, or review it and " +
            "accept this finding in lint/accepted.ts.",
        })),
      ),
  },
  {
    name: "no-ignore",
    reason:
      "A squawk-ignore comment gives no reason and is never removed. An entry in lint/accepted.ts has a reason, and " +
      "fails the lint when its finding is gone.",
    check: ({ database }) =>
      database.files.flatMap(({ path: file, migration }) =>
        migration.sql.split("\n").flatMap((text, index) =>
          /--.*squawk-ignore|\/\*.*squawk-ignore/.test(text)
            ? [
                {
                  file,
                  line: index + 1,
                  text: "Remove the comment, and accept the finding in lint/accepted.ts.",
                },
              ]
            : [],
        ),
      ),
  },
  {
    name: "timeouts",
    reason:
      "Other sessions queue behind a statement that waits for a lock. The runner sets the limits at the top of the file, " +
      "and reviewers read them there.",
    check: ({ database }: RuleContext) => database.files.flatMap(directiveProblems),
  },
];

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
