import type { Rule } from "../rule";

export const functionSecurity: Rule = {
  name: "function-security",
  reason:
    "As whom a function runs is the first thing that its reader has to know, and the default is easily taken for an oversight.",
  check: ({ schema }) =>
    [...schema.functions.values()]
      .filter(({ saysSecurity }) => !saysSecurity)
      .map(({ name, place }) => ({
        ...place,
        text: `Say "security invoker" or "security definer" of ${name}.`,
      })),
};
