import type { Rule } from "../rule";

export const noIgnore: Rule = {
  name: "no-ignore",
  reason:
    "A comment that silences squawk gives no reason and stays for ever. An entry of lint/accepted.ts has a reason, " +
    "and fails when its finding is gone.",
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
};
