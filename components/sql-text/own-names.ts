import type { Node } from "@pgsql/types";
import { bareName, joinedName, relationName } from "./sql-names";
import { type NodeOf, walk } from "./parse-tree";

/** Objects that the files create, by unqualified name, including those dropped later. */
export interface OwnNames {
  readonly relations: ReadonlySet<string>;
  readonly functions: ReadonlySet<string>;
  /** Includes tables, which are types as well. */
  readonly types: ReadonlySet<string>;
  /** Transition tables of triggers. */
  readonly transitions: ReadonlySet<string>;
  /** Schemas in which the files create an object of a name. */
  readonly schemas: ReadonlyMap<string, ReadonlySet<string>>;
}

export function ownNames(statements: readonly { readonly node: Node }[]): OwnNames {
  const relations = new Set<string>();
  const functions = new Set<string>();
  const types = new Set<string>();
  const transitions = new Set<string>();
  const schemas = new Map<string, Set<string>>();
  const add = (name: string, ...kinds: readonly Set<string>[]): void => {
    const bare = bareName(name);
    for (const kind of kinds) kind.add(bare);
    if (bare === name) return;
    schemas.set(bare, (schemas.get(bare) ?? new Set()).add(name.slice(0, -bare.length - 1)));
  };
  const type = ({ typeName }: NodeOf<"CreateEnumStmt"> | NodeOf<"CreateRangeStmt">): void => {
    add(joinedName(typeName), types);
  };
  const rename = ({ renameType, relation, newname = "" }: NodeOf<"RenameStmt">): void => {
    if (renameType === "OBJECT_FUNCTION" || renameType === "OBJECT_PROCEDURE") {
      functions.add(newname);
    } else if (RELATIONS.includes(renameType ?? "")) {
      add(relationName({ ...relation, relname: newname }), relations);
    }
  };
  for (const { node } of statements) {
    walk(node, {
      CreateFunctionStmt: ({ funcname }) => {
        add(joinedName(funcname), functions);
      },
      DefineStmt: ({ kind, defnames }) => {
        if (kind === "OBJECT_AGGREGATE") add(joinedName(defnames), functions);
      },
      RenameStmt: rename,
      CreateEnumStmt: type,
      CreateRangeStmt: type,
      CreateDomainStmt: ({ domainname }) => {
        add(joinedName(domainname), types);
      },
      CompositeTypeStmt: ({ typevar }) => {
        add(relationName(typevar), types);
      },
      CreateStmt: ({ relation }) => {
        add(relationName(relation), relations, types);
      },
      ViewStmt: ({ view }) => {
        add(relationName(view), relations, types);
      },
      CreateTableAsStmt: ({ into }) => {
        add(relationName(into?.rel), relations, types);
      },
      CreateSeqStmt: ({ sequence }) => {
        add(relationName(sequence), relations);
      },
      TriggerTransition: ({ name = "" }) => transitions.add(name),
    });
  }
  return { relations, functions, types, transitions, schemas };
}

const RELATIONS: readonly string[] = [
  "OBJECT_TABLE",
  "OBJECT_VIEW",
  "OBJECT_MATVIEW",
  "OBJECT_SEQUENCE",
];
