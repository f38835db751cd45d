import type { Node } from "@pgsql/types";
import { EXTENSION_FUNCTIONS, EXTENSION_OPERATOR_CLASSES } from "./extension-names";
import { words } from "../text/words";
import { objectName } from "./sql-names";
import type { OwnNames } from "./own-names";
import { TEMPORARY } from "./temporary-names";
import { names, nodesOf, type Tag, textOf, type Visitor, walk } from "./walk";

const objectKinds = (kinds: string): readonly string[] =>
  words(kinds).map((kind) => `OBJECT_${kind}`);

/** Kinds of objects that have a schema of their own. */
const QUALIFIED = objectKinds(`
  TABLE FOREIGN_TABLE VIEW MATVIEW INDEX SEQUENCE STATISTIC_EXT TYPE DOMAIN FUNCTION PROCEDURE
  ROUTINE AGGREGATE`);

/** Kinds that have the schema of their table, whose name comes first. */
const IN_TABLE = objectKinds("COLUMN TABCONSTRAINT TRIGGER POLICY RULE");

/** What a statement drops, comments on, or makes: there the tree has a list of names. */
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

/** PostgreSQL's own functions for triggers. */
const BUILT_IN_TRIGGERS = [
  "suppress_redundant_updates_trigger",
  "tsvector_update_trigger",
  "tsvector_update_trigger_column",
];

/** The name of what a statement makes, in its parts; relations are found as such. */
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

/** A sentence, without its end, on a name: `f has no schema: write public.f`, or the schema in which the files make it. */
export function hasNoSchema(name: string, { schemas }: OwnNames): string {
  // What is temporary in one file is not there in another.
  const [schema = "public", ...others] = [...(schemas.get(name) ?? [])].filter(
    (each) => each !== TEMPORARY,
  );
  return `${name} has no schema: write ${others.length > 0 ? "public" : schema}.${name}`;
}

/** Statements with names that are no relations of this database, or that PostgreSQL gives a schema itself. */
const OF_THEIR_OWN: readonly Tag[] = ["CreateSchemaStmt", "ImportForeignSchemaStmt"];

/** A name without its schema, and where it stands in the text that was parsed. */
export interface Unqualified {
  readonly name: string;
  readonly location: number | undefined;
}

/**
 * Names in a tree that are not found on the search path `pg_catalog`.
 * @param takesRelation functions, besides those on sequences, whose first argument names a relation
 */
export function unqualifiedIn(
  tree: unknown,
  known: OwnNames,
  takesRelation: ReadonlySet<string> = new Set(),
): readonly Unqualified[] {
  const found: Unqualified[] = [];
  const object = (name: string, location: number | undefined): void => {
    found.push({ name, location });
  };
  const relation = (name: string | undefined, location: number | undefined): void => {
    // A number is an object's own.
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
  walk(tree, visitor, OF_THEIR_OWN);
  return found;
}

const ON_SEQUENCE = /^(next|curr|set)val$/;

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
      for (const each of nodesOf("RangeVar", lockedRels)) found.add(each);
    },
  });
  return found;
}

/** Whether PostgreSQL finds a relation of this name in its catalog. */
function isCatalogs(name: string, { relations }: OwnNames): boolean {
  return /^pg_/i.test(name) && !relations.has(name) && !EXTENSION_FUNCTIONS.includes(name);
}
