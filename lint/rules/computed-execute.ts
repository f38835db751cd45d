import type { Rule } from "../rule";

export const computedExecute: Rule = {
  name: "computed-execute",
  reason:
    "The lint reads what a do block executes only where the text is written out. A computed text can hold any danger.",
  check: ({ database }) =>
    database.files.flatMap(({ path: file, computed }) =>
      computed.map((line) => ({
        file,
        line,
        text:
          "The lint cannot read the text that execute runs here. Write the statement out, or review it by hand and " +
          "accept this finding in lint/accepted.ts.",
      })),
    ),
};
