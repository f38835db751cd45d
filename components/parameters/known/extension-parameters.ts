/** Parameters beside PostgreSQL's own: of its extensions, of RDS, and names that only an application knows. */
import rds from "../../homes/aws/database/plan/rds-parameters.json";
import type { StoredFacts } from "./parameter-facts";
import autoExplain from "./auto-explain.json";
import type { Build } from "./builds";
import postgresql18 from "./postgresql-18.json";
import timescaledb from "./timescaledb.json";

type ByName = Readonly<Record<string, StoredFacts>>;

// A JSON module's words are plain strings to the compiler; the tests compare each with a server's.
const common = { ...timescaledb, ...autoExplain } as ByName;

interface RdsParameter {
  readonly apply: string;
  readonly facts?: Omit<StoredFacts, "context">;
}

/** Those that RDS alone has, or whose extension comes with it. */
const ofRds: ByName = Object.fromEntries(
  Object.entries(rds.modifiable as Record<string, RdsParameter>).flatMap(
    ([name, { apply, facts }]): [string, StoredFacts][] =>
      facts ? [[name, { ...facts, context: apply === "static" ? "postmaster" : "sighup" }]] : [],
  ),
);

/** A server keeps any text for it, until a program loads what reads it. */
const CUSTOM: StoredFacts = { type: "string", context: "user" };

/** Prefixes whose names are all known here. */
const KNOWN_PREFIXES = new Set(
  [
    "rds",
    ...Object.keys(common),
    ...Object.keys(postgresql18).filter((name) => name.includes(".")),
  ].map(prefixOf),
);

/** All names of a build that have facts. */
export function extensionNames(build: Build): readonly string[] {
  return [...Object.keys(common), ...(build === "rds" ? Object.keys(ofRds) : [])];
}

/** Facts of a name in lower case. RDS takes no name that it does not know. */
export function extensionFacts(name: string, build: Build): StoredFacts | undefined {
  const known = build === "rds" ? { ...common, ...ofRds } : common;
  if (Object.hasOwn(known, name)) return known[name];
  const isCustom = /^[a-z_]\w*\.[a-z_]\w*$/.test(name) && !KNOWN_PREFIXES.has(prefixOf(name));
  return isCustom && build !== "rds" ? CUSTOM : undefined;
}

/** Why a name in lower case is refused. */
export function whyUnknown(name: string, build: Build): string {
  if (build === "rds") {
    return "a parameter group takes what RDS has; add a missing one to rds-parameters.json with its source";
  }
  const prefix = prefixOf(name);
  if (prefix === "rds") return "only Amazon RDS has parameters that begin with rds";
  if (name.split(".").length > 2) return "a configuration file holds names of one or two parts";
  return name.includes(".") && KNOWN_PREFIXES.has(prefix)
    ? `the extension ${prefix} has no such parameter, and the server would ignore it`
    : "the server does not start with a parameter that it does not know";
}

function prefixOf(name: string): string {
  return name.split(".", 1)[0] ?? "";
}
