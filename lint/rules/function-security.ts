import type { Rule } from "../rule";

export const functionSecurity: Rule = {
  name: "function-security",
  reason:
    "A reader has to know first as which role a function runs. A default that is not written down looks like an oversight.",
  check: ({ schema }) =>
    [...schema.functions.values()]
      .filter(({ saysSecurity }) => !saysSecurity)
      .map(({ name, place }) => ({
        ...place,
        text: `Write "security invoker" or "security definer" in ${name}.`,
      })),
};
