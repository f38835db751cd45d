/** Options of a statement, as in `with (connect = false)` and `reindex (concurrently)`. */
import type { Node } from "@pgsql/types";
import { names, nodesOf } from "./parse-tree";

export function hasOption(options: readonly Node[] | undefined, name: string): boolean {
  return valueOf(options, name) !== undefined;
}

export function isOptionOn(options: readonly Node[] | undefined, name: string): boolean {
  const value = valueOf(options, name);
  return value !== undefined && !OFF.includes(value);
}

export function isOptionOff(options: readonly Node[] | undefined, name: string): boolean {
  return OFF.includes(valueOf(options, name) ?? "");
}

const OFF = ["false", "off", "no", "0"];

/** Value of an option in lower case; an option without a value is on. */
function valueOf(options: readonly Node[] | undefined, name: string): string | undefined {
  const option = nodesOf("DefElem", options).find(({ defname }) => defname === name);
  if (option === undefined) return undefined;
  const { arg } = option;
  if (arg === undefined) return "true";
  if ("String" in arg) return (arg.String.sval ?? "").toLowerCase();
  if ("Integer" in arg) return String(arg.Integer.ival ?? 0);
  // A word that is not a keyword, such as off.
  return "TypeName" in arg ? names(arg.TypeName.names).join(".").toLowerCase() : "true";
}
