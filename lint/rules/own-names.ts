import type { ParsedStatement } from "../database";
import { dotted, relationName } from "../model/names";
import { names, walk } from "../walk";

/** What the files make, by names without schema; what they drop again included. */
export interface OwnNames {
  readonly functions: ReadonlySet<string>;
  /** Tables are types, too. */
  readonly types: ReadonlySet<string>;
  /** Old and new rows as a trigger's function sees them. */
  readonly transitions: ReadonlySet<string>;
}

export function ownNames(statements: readonly ParsedStatement[]): OwnNames {
  const functions = new Set<string>();
  const types = new Set<string>();
  const transitions = new Set<string>();
  const bare = (name: string): string => name.slice(name.lastIndexOf(".") + 1);
  for (const { node } of statements) {
    walk(node, {
      CreateFunctionStmt: ({ funcname }) => functions.add(bare(dotted(funcname))),
      DefineStmt: ({ kind, defnames }) => {
        if (kind === "OBJECT_AGGREGATE") functions.add(bare(dotted(defnames)));
      },
      RenameStmt: ({ renameType, newname = "" }) => {
        if (renameType === "OBJECT_FUNCTION" || renameType === "OBJECT_PROCEDURE") {
          functions.add(newname);
        }
      },
      CreateEnumStmt: ({ typeName }) => types.add(names(typeName).at(-1) ?? ""),
      CreateRangeStmt: ({ typeName }) => types.add(names(typeName).at(-1) ?? ""),
      CreateDomainStmt: ({ domainname }) => types.add(names(domainname).at(-1) ?? ""),
      CompositeTypeStmt: ({ typevar }) => types.add(bare(relationName(typevar))),
      CreateStmt: ({ relation }) => types.add(bare(relationName(relation))),
      TriggerTransition: ({ name = "" }) => transitions.add(name),
    });
  }
  return { functions, types, transitions };
}
