import { isList, isObject, type WireObject } from "../../../wire";
import type { CheckFailure } from "../provider";
import type { Handler } from "./handler";
import { flag, ident, text } from "./sql";

/** Words that are written into the statement as they are. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  parallel: ["UNSAFE", "RESTRICTED", "SAFE"],
  volatility: ["VOLATILE", "STABLE", "IMMUTABLE"],
};

export const FUNCTION: Handler = {
  required: ["name", "body"],
  defaults: {
    dropCascade: false,
    language: "plpgsql",
    parallel: "UNSAFE",
    schema: "public",
    securityDefiner: false,
    strict: false,
    volatility: "VOLATILE",
  },
  sets: [],
  replaceOn: ["schema", "name", "args", "language", "returns", "database"],

  problems: (inputs) =>
    Object.entries(WORDS)
      .filter(([key, allowed]) => inputs[key] !== undefined && !allowed.includes(text(inputs, key)))
      .map(([key, allowed]): CheckFailure => ({
        property: key,
        reason: `${key} must be one of ${allowed.join(", ")}, not "${text(inputs, key)}"`,
      })),

  database: (inputs) => text(inputs, "database") || undefined,

  id: (inputs, database) =>
    `${database}.${text(inputs, "schema")}.${text(inputs, "name")}(${argumentTypes(inputs)})`,

  create: (session, inputs) => session.run(definition(inputs)),
  update: (session, _old, inputs) => session.run(definition(inputs)),

  async delete(session, inputs) {
    const mode = flag(inputs, "dropCascade") ? "cascade" : "restrict";
    await session.run(
      `drop function if exists ${ident(text(inputs, "schema"))}.${ident(text(inputs, "name"))}(${argumentTypes(inputs)}) ${mode}`,
    );
  },

  read: (session, inputs) =>
    Promise.resolve({ database: session.database, returns: returnType(inputs) }),
};

function definition(inputs: WireObject): string {
  const parameters = functionArguments(inputs).map((argument) =>
    [
      text(argument, "mode") || "IN",
      text(argument, "name"),
      text(argument, "type"),
      text(argument, "default") === "" ? "" : `default ${text(argument, "default")}`,
    ]
      .filter((part) => part !== "")
      .join(" "),
  );
  return [
    `create or replace function ${ident(text(inputs, "schema"))}.${ident(text(inputs, "name"))} (${parameters.join(", ")})`,
    `returns ${returnType(inputs)}`,
    `language ${text(inputs, "language")}`,
    text(inputs, "volatility"),
    flag(inputs, "securityDefiner") ? "security definer" : "security invoker",
    `parallel ${text(inputs, "parallel")}`,
    flag(inputs, "strict") ? "strict" : "called on null input",
    `as $function$${body(inputs)}$function$`,
  ].join("\n");
}

/** A body may be given with its own dollar quotes, and text around them. */
function body(inputs: WireObject): string {
  const given = text(inputs, "body");
  return /\$[a-zA-Z]*\$\s([\s\S]*)\s\$[a-zA-Z]*\$/.exec(given)?.[1] ?? given;
}

function functionArguments(inputs: WireObject): readonly WireObject[] {
  const given = inputs["args"];
  return isList(given) ? given.filter(isObject) : [];
}

function argumentTypes(inputs: WireObject): string {
  return functionArguments(inputs)
    .filter((argument) => text(argument, "mode") !== "OUT")
    .map((argument) => text(argument, "type"))
    .join(",");
}

function returnType(inputs: WireObject): string {
  const given = text(inputs, "returns");
  if (given !== "") return given;
  const out = functionArguments(inputs).findLast(
    (argument) => text(argument, "mode").toUpperCase() === "OUT",
  );
  return out === undefined ? "void" : text(out, "type");
}
