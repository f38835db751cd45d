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
    "The runner pins the search path to pg_catalog, and functions theirs: any other name is not found without its schema, " +
    "in a function's body only when it is called.",
  check: ({ statements }: Context) => {
    const own = ownNames(statements);
    const functions = new Set([...own.functions, ...EXTENSION_FUNCTIONS, ...FUNCTIONS.keys()]);
    const known = { ...own, functions };
    return statements.flatMap((statement) => [
      ...objectsOf(statement),
      ...[statement, ...statement.body].flatMap((part) => namesIn(part, statement.file, known)),
    ]);
  },
};

/** Kinds of objects, and how many parts their name has with the schema. */
const PARTS: Readonly<Record<string, number>> = {
  OBJECT_TABLE: 2,
  OBJECT_VIEW: 2,
  OBJECT_MATVIEW: 2,
  OBJECT_INDEX: 2,
  OBJECT_SEQUENCE: 2,
  OBJECT_STATISTIC_EXT: 2,
  OBJECT_TYPE: 2,
  OBJECT_DOMAIN: 2,
  OBJECT_COLUMN: 3,
  OBJECT_TABCONSTRAINT: 3,
  OBJECT_TRIGGER: 3,
  OBJECT_POLICY: 3,
  OBJECT_RULE: 3,
};

/** What a statement drops, comments on, or makes: there the tree has a list of names. */
function objectsOf({ node, file, line }: ParsedStatement): readonly Objection[] {
  const lacking = (object: Node | undefined, parts: number): readonly Objection[] => {
    const name = objectName(object);
    return name.split(".").length < parts ? [{ file, line, text: qualify(name) }] : [];
  };
  if ("DropStmt" in node) {
    const { objects = [], removeType = "" } = node.DropStmt;
    return objects.flatMap((object) => lacking(object, PARTS[removeType] ?? 1));
  }
  if ("CommentStmt" in node) {
    const { object, objtype = "" } = node.CommentStmt;
    return lacking(object, PARTS[objtype] ?? 1);
  }
  const made = madeName(node);
  return made?.length === 1 ? [{ file, line, text: qualify(made[0] ?? "") }] : [];
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

function qualify(name: string): string {
  return `Write the schema of ${name}: public.${name}.`;
}

function namesIn({ tree, lineAt }: Part, file: string, known: OwnNames): readonly Objection[] {
  const found: Objection[] = [];
  const object = (name: string, location: number | undefined): void => {
    found.push({ file, line: lineAt(location), text: qualify(name) });
  };
  const local = new Set([...known.transitions, ...commonTables(tree)]);
  walk(tree, {
    RangeVar: ({ schemaname, relname = "", location }) => {
      if (schemaname !== undefined || local.has(relname) || relname.startsWith("pg_")) return;
      object(relname, location);
    },
    FuncCall: ({ funcname, args, location }) => {
      const [name = "", ...more] = names(funcname);
      if (more.length === 0 && known.functions.has(name)) object(name, location);
      const called = more.at(-1) ?? name;
      if (!FUNCTIONS.has(called) && called !== "nextval") return;
      // Its first argument, which names a relation where it is no column, interval or the like.
      const relation = RELATION_FIRST.test(called) ? textOf(args?.[0]) : undefined;
      if (relation !== undefined && !relation.includes(".")) object(relation, location);
    },
    TypeCast: ({ arg, typeName, location }) => {
      const value = textOf(arg);
      const isRelation = names(typeName?.names).at(-1) === "regclass";
      if (isRelation && value !== undefined && !value.includes(".")) object(value, location);
    },
    TypeName: ({ names: parts, location }) => {
      const [name = "", ...more] = names(parts);
      if (more.length === 0 && known.types.has(name)) object(name, location);
    },
    ObjectWithArgs: ({ objname }) => {
      const [name = "", ...more] = names(objname);
      // Operators are no words.
      if (more.length === 0 && /^\w+$/.test(name)) object(name, undefined);
    },
    IndexElem: ({ opclass }) => {
      const [name = "", ...more] = names(opclass);
      if (more.length === 0 && EXTENSION_OPERATOR_CLASSES.includes(name)) object(name, undefined);
    },
  });
  return found;
}

/** Functions that take a relation's name as a string. */
const RELATION_FIRST =
  /^(nextval|create_hypertable|show_chunks|drop_chunks|refresh_continuous_aggregate|(add|remove)_(dimension|.*_policy)|set_.*|(hypertable|chunks?|approximate)_.*|(enable|disable)_chunk_skipping)$/;

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
