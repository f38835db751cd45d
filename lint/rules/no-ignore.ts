import type { Rule } from "../rule";

export const noIgnore: Rule = {
  name: "no-ignore",
  reason:
    "A comment that silences squawk says neither why nor for how long; lint/accepted.ts does, and fails when nothing is " +
    "found there any more.",
  check: ({ database }) =>
    database.files.flatMap(({ path: file, migration }) =>
      migration.sql.split("\n").flatMap((text, index) =>
        /--.*squawk-ignore|\/\*.*squawk-ignore/.test(text)
          ? [
              {
                file,
                line: index + 1,
                text: "Take it out, and accept the finding in lint/accepted.ts.",
              },
            ]
          : [],
      ),
    ),
};
