import type { Node } from "@pgsql/types";
import { EXTENSION_FUNCTIONS, EXTENSION_OPERATOR_CLASSES } from "./extension-names";
import { splitWords } from "../text/words";
import { objectName } from "./sql-names";
import type { OwnNames } from "./own-names";
import { TEMPORARY } from "./temporary-names";
import { names, nodesOf, type Tag, textOf, type Visitor, walk } from "./parse-tree";

const objectKinds = (kinds: string): readonly string[] =>
  splitWords(kinds).map((kind) => `OBJECT_${kind}`);

/** Kinds of objects that have a schema. */
const QUALIFIED = objectKinds(`
  TABLE FOREIGN_TABLE VIEW MATVIEW INDEX SEQUENCE STATISTIC_EXT TYPE DOMAIN FUNCTION PROCEDURE
  ROUTINE AGGREGATE`);

/** Kinds of objects in their table's schema; the table's name comes first. */
const IN_TABLE = objectKinds("COLUMN TABCONSTRAINT TRIGGER POLICY RULE");

/**
 * Unqualified names of objects that a statement drops, comments on or creates, for which the tree has lists of names.
 */
export function unqualifiedObjects(node: Node): readonly string[] {
  const lacking = (object: Node | undefined, kind: string): readonly string[] => {
    const parts = objectName(object).split(".");
    const name = IN_TABLE.includes(kind) ? parts.slice(0, -1) : parts;
    const hasSchema = QUALIFIED.includes(kind) || IN_TABLE.includes(kind);
    return hasSchema && name.length < 2 ? [name.join(".")] : [];
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
  return made?.length === 1 ? made : [];
}

/** Built-in trigger functions of PostgreSQL. */
const BUILT_IN_TRIGGERS = [
  "suppress_redundant_updates_trigger",
  "tsvector_update_trigger",
  "tsvector_update_trigger_column",
];

/** Name of a created object, in parts; relations are found separately. */
function madeName(node: Node): readonly string[] | undefined {
  if ("CreateFunctionStmt" in node) return names(node.CreateFunctionStmt.funcname);
  if ("CreateTrigStmt" in node) {
    const called = names(node.CreateTrigStmt.funcname);
    return BUILT_IN_TRIGGERS.includes(called[0] ?? "") ? undefined : called;
  }
  if ("CreateEnumStmt" in node) return names(node.CreateEnumStmt.typeName);
  if ("CreateRangeStmt" in node) return names(node.CreateRangeStmt.typeName);
  if ("CreateDomainStmt" in node) return names(node.CreateDomainStmt.domainname);
  if ("CreateStatsStmt" in node) return names(node.CreateStatsStmt.defnames);
  if ("DefineStmt" in node) return names(node.DefineStmt.defnames);
  return undefined;
}

/** Error text for a name: `f has no schema: write public.f`, with the schema in which the files create it. */
export function unqualifiedNameMessage(name: string, { schemas }: OwnNames): string {
  // A temporary object of one file does not exist in another.
  const [schema = "public", ...others] = [...(schemas.get(name) ?? [])].filter(
    (each) => each !== TEMPORARY,
  );
  return `${name} has no schema: write ${others.length > 0 ? "public" : schema}.${name}`;
}

/** Statements whose names are not relations of this database, or get their schema from PostgreSQL. */
const SKIPPED_STATEMENTS: readonly Tag[] = ["CreateSchemaStmt", "ImportForeignSchemaStmt"];

/** An unqualified name and its position in the parsed text. */
export interface Unqualified {
  readonly name: string;
  readonly location: number | undefined;
}

/**
 * Names in a tree that are not found with the search path `pg_catalog`.
 * @param takesRelation functions, besides sequence functions, whose first argument names a relation
 */
export function findUnqualifiedNames(
  tree: unknown,
  known: OwnNames,
  takesRelation: ReadonlySet<string> = new Set(),
): readonly Unqualified[] {
  const found: Unqualified[] = [];
  const object = (name: string, location: number | undefined): void => {
    found.push({ name, location });
  };
  const relation = (name: string | undefined, location: number | undefined): void => {
    // A number is an object's OID.
    if (name === undefined || name.includes(".") || /^\d+$/.test(name)) return;
    if (!isCatalogs(name, known)) {
      object(name, location);
    }
  };
  const local = new Set([...known.transitions, ...commonTables(tree)]);
  const aliases = lockedAliases(tree);
  const visitor: Visitor = {
    RangeVar: (node) => {
      const { schemaname, relname = "", location } = node;
      if (schemaname !== undefined || local.has(relname) || aliases.has(node)) return;
      relation(relname, location);
    },
    FuncCall: ({ funcname, args, location }) => {
      const [name = "", ...more] = names(funcname);
      if (more.length === 0 && known.functions.has(name)) object(name, location);
      const called = more.at(-1) ?? name;
      if (ON_SEQUENCE.test(called) || takesRelation.has(called)) {
        relation(textOf(args?.[0]), location);
      }
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
  };
  walk(tree, visitor, SKIPPED_STATEMENTS);
  return found;
}

const ON_SEQUENCE = /^(next|curr|set)val$/;

/** Names of common table expressions. */
function commonTables(tree: unknown): readonly string[] {
  const found: string[] = [];
  walk(tree, {
    CommonTableExpr: ({ ctename = "" }) => {
      found.push(ctename);
    },
  });
  return found;
}

/** Names after `for update of`: aliases that look like relations in the tree. */
function lockedAliases(tree: unknown): ReadonlySet<unknown> {
  const found = new Set<unknown>();
  walk(tree, {
    LockingClause: ({ lockedRels = [] }) => {
      for (const each of nodesOf("RangeVar", lockedRels)) found.add(each);
    },
  });
  return found;
}

/** Whether the relation is in PostgreSQL's catalog. */
function isCatalogs(name: string, { relations }: OwnNames): boolean {
  return /^pg_/i.test(name) && !relations.has(name) && !EXTENSION_FUNCTIONS.includes(name);
}
