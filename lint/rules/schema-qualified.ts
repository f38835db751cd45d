import type { Node } from "@pgsql/types";
import type { ParsedStatement, Part } from "../database";
import { EXTENSION_FUNCTIONS, EXTENSION_OPERATOR_CLASSES } from "../extensions";
import { objectName } from "../model/names";
import type { Context, Objection, Rule } from "../rule";
import { FUNCTIONS } from "../timescale/features";
import { names, textOf, walk } from "../walk";
import { type OwnNames, ownNames } from "./own-names";

export const schemaQualified: Rule = {
  name: "schema-qualified",
  reason:
    "The runner's search_path is pg_catalog, and so is that of functions. Any other name is not found without its schema; in a " +
    "function's body only the call fails.",
  check: ({ statements }: Context) => {
    const own = ownNames(statements);
    const functions = new Set([...own.functions, ...EXTENSION_FUNCTIONS, ...FUNCTIONS.keys()]);
    const known = { ...own, functions };
    return statements.flatMap((statement) => [
      ...objectsOf(statement, known),
      ...[statement, ...statement.body].flatMap((part) => namesIn(part, statement.file, known)),
    ]);
  },
};

/** Kinds of objects that have a schema of their own. */
const QUALIFIED = [
  "OBJECT_TABLE",
  "OBJECT_FOREIGN_TABLE",
  "OBJECT_VIEW",
  "OBJECT_MATVIEW",
  "OBJECT_INDEX",
  "OBJECT_SEQUENCE",
  "OBJECT_STATISTIC_EXT",
  "OBJECT_TYPE",
  "OBJECT_DOMAIN",
  "OBJECT_FUNCTION",
  "OBJECT_PROCEDURE",
  "OBJECT_ROUTINE",
  "OBJECT_AGGREGATE",
];

/** Kinds that have the schema of their table, whose name comes first. */
const IN_TABLE = [
  "OBJECT_COLUMN",
  "OBJECT_TABCONSTRAINT",
  "OBJECT_TRIGGER",
  "OBJECT_POLICY",
  "OBJECT_RULE",
];

/** What a statement drops, comments on, or makes: there the tree has a list of names. */
function objectsOf({ node, file, line }: ParsedStatement, known: OwnNames): readonly Objection[] {
  const lacking = (object: Node | undefined, kind: string): readonly Objection[] => {
    const parts = objectName(object).split(".");
    const name = IN_TABLE.includes(kind) ? parts.slice(0, -1) : parts;
    const hasSchema = QUALIFIED.includes(kind) || IN_TABLE.includes(kind);
    return hasSchema && name.length < 2
      ? [{ file, line, text: qualify(name.join("."), known) }]
      : [];
  };
  if ("DropStmt" in node) {
    const { objects = [], removeType = "" } = node.DropStmt;
    return objects.flatMap((object) => lacking(object, removeType));
  }
  if ("CommentStmt" in node) {
    const { object, objtype = "" } = node.CommentStmt;
    return lacking(object, objtype);
  }
  const made = madeName(node);
  return made?.length === 1 ? [{ file, line, text: qualify(made[0] ?? "", known) }] : [];
}

/** The name of what a statement makes, in its parts; relations are found as such. */
function madeName(node: Node): readonly string[] | undefined {
  if ("CreateFunctionStmt" in node) return names(node.CreateFunctionStmt.funcname);
  if ("CreateTrigStmt" in node) return names(node.CreateTrigStmt.funcname);
  if ("CreateEnumStmt" in node) return names(node.CreateEnumStmt.typeName);
  if ("CreateRangeStmt" in node) return names(node.CreateRangeStmt.typeName);
  if ("CreateDomainStmt" in node) return names(node.CreateDomainStmt.domainname);
  if ("CreateStatsStmt" in node) return names(node.CreateStatsStmt.defnames);
  if ("DefineStmt" in node) return names(node.DefineStmt.defnames);
  return undefined;
}

/** In which schema the files make it, if in one alone. */
function qualify(name: string, { schemas }: OwnNames): string {
  const [schema = "public", ...others] = schemas.get(name) ?? [];
  return `${name} has no schema: write ${others.length > 0 ? "public" : schema}.${name}.`;
}

function namesIn({ tree, lineAt }: Part, file: string, known: OwnNames): readonly Objection[] {
  const found: Objection[] = [];
  const object = (name: string, location: number | undefined): void => {
    found.push({ file, line: lineAt(location), text: qualify(name, known) });
  };
  const relation = (name: string | undefined, location: number | undefined): void => {
    if (name !== undefined && !name.includes(".") && !isCatalogs(name, known)) {
      object(name, location);
    }
  };
  const local = new Set([...known.transitions, ...commonTables(tree)]);
  const aliases = lockedAliases(tree);
  walk(tree, {
    RangeVar: (node) => {
      const { schemaname, relname = "", location } = node;
      if (schemaname !== undefined || local.has(relname) || aliases.has(node)) return;
      relation(relname, location);
    },
    FuncCall: ({ funcname, args, location }) => {
      const [name = "", ...more] = names(funcname);
      if (more.length === 0 && known.functions.has(name)) object(name, location);
      const called = more.at(-1) ?? name;
      // Its first argument, which names a relation where it is no column, interval or the like.
      const takesRelation =
        ON_SEQUENCE.test(called) || (FUNCTIONS.has(called) && RELATION_FIRST.test(called));
      if (takesRelation) relation(textOf(args?.[0]), location);
    },
    TypeCast: ({ arg, typeName, location }) => {
      if (names(typeName?.names).at(-1) === "regclass") relation(textOf(arg), location);
    },
    TypeName: ({ names: parts, location }) => {
      const [name = "", ...more] = names(parts);
      if (more.length === 0 && known.types.has(name)) object(name, location);
    },
    ObjectWithArgs: ({ objname }) => {
      const [name = "", ...more] = names(objname);
      if (more.length === 0 && known.functions.has(name)) object(name, undefined);
    },
    IndexElem: ({ opclass }) => {
      const [name = "", ...more] = names(opclass);
      if (more.length === 0 && EXTENSION_OPERATOR_CLASSES.includes(name)) object(name, undefined);
    },
  });
  return found;
}

const ON_SEQUENCE = /^(next|curr|set)val$/;

/** Functions of TimescaleDB's that take a relation's name as a string. */
const RELATION_FIRST =
  /^(create_hypertable|show_chunks|drop_chunks|refresh_continuous_aggregate|(add|remove)_(dimension|.*_policy)|set_.*|(hypertable|chunks?|approximate)_.*|(enable|disable)_chunk_skipping)$/;

/** Names that a statement gives in "with". */
function commonTables(tree: unknown): readonly string[] {
  const found: string[] = [];
  walk(tree, {
    CommonTableExpr: ({ ctename = "" }) => {
      found.push(ctename);
    },
  });
  return found;
}

/** The names behind `for update of`: aliases, which look like relations in the tree. */
function lockedAliases(tree: unknown): ReadonlySet<unknown> {
  const found = new Set<unknown>();
  walk(tree, {
    LockingClause: ({ lockedRels = [] }) => {
      for (const each of lockedRels) if ("RangeVar" in each) found.add(each.RangeVar);
    },
  });
  return found;
}

/** Whether PostgreSQL finds a relation of this name in its catalog. */
function isCatalogs(name: string, { relations }: OwnNames): boolean {
  return name.startsWith("pg_") && !relations.has(name) && !EXTENSION_FUNCTIONS.includes(name);
}
