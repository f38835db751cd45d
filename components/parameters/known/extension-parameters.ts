/** Parameters besides PostgreSQL's own: of its extensions, of RDS, and custom names of applications. */
import rds from "../../homes/aws/database/plan/rds-parameters.json";
import type { StoredFacts } from "./parameter-facts";
import autoExplain from "./auto-explain.json";
import type { Build } from "./builds";
import postgresql18 from "./postgresql-18.json";
import timescaledb from "./timescaledb.json";

type ByName = Readonly<Record<string, StoredFacts>>;

// To the compiler, enum words in a JSON module are plain strings; tests compare each with a server.
const extensionParameters = { ...timescaledb, ...autoExplain } as ByName;

interface RdsParameter {
  readonly apply: string;
  readonly facts?: Omit<StoredFacts, "context">;
}

/** Parameters that only RDS has, or whose extension comes with RDS. */
const rdsParameters: ByName = Object.fromEntries(
  Object.entries(rds.modifiable as Record<string, RdsParameter>).flatMap(
    ([name, { apply, facts }]): [string, StoredFacts][] =>
      facts ? [[name, { ...facts, context: apply === "static" ? "postmaster" : "sighup" }]] : [],
  ),
);

/** Custom parameter: the server accepts any text until a library defines it. */
const CUSTOM: StoredFacts = { type: "string", context: "user" };

/** Prefixes of which every parameter is known here. */
const KNOWN_PREFIXES = new Set(
  [
    "rds",
    ...Object.keys(extensionParameters),
    ...Object.keys(postgresql18).filter((name) => name.includes(".")),
  ].map(prefixOf),
);

/** Names of all extension parameters that a build has. */
export function extensionNames(build: Build): readonly string[] {
  return [
    ...Object.keys(extensionParameters),
    ...(build === "rds" ? Object.keys(rdsParameters) : []),
  ];
}

/** Facts of a lower-case name. RDS accepts no custom names. */
export function extensionFacts(name: string, build: Build): StoredFacts | undefined {
  const known =
    build === "rds" ? { ...extensionParameters, ...rdsParameters } : extensionParameters;
  if (Object.hasOwn(known, name)) return known[name];
  const isCustom = /^[a-z_]\w*\.[a-z_]\w*$/.test(name) && !KNOWN_PREFIXES.has(prefixOf(name));
  return isCustom && build !== "rds" ? CUSTOM : undefined;
}

/** Why an unknown lower-case name is rejected. */
export function unknownParameterReason(name: string, build: Build): string {
  if (build === "rds") {
    return "an RDS parameter group accepts only known parameters; add a missing one to rds-parameters.json with its source";
  }
  const prefix = prefixOf(name);
  if (prefix === "rds") return "only Amazon RDS has parameters that begin with rds";
  if (name.split(".").length > 2)
    return "a parameter name has at most two parts, separated by a dot";
  return name.includes(".") && KNOWN_PREFIXES.has(prefix)
    ? `the extension ${prefix} has no such parameter, and the server would ignore it`
    : "the server does not start with an unknown parameter";
}

function prefixOf(name: string): string {
  return name.split(".", 1)[0] ?? "";
}
