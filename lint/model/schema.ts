import type { NodeOf } from "../../components/sql-text/walk";
import type { ParsedStatement, Place } from "../parsed";
import type { Name } from "../../components/sql-text/sql-names";

export type { Name };

export interface Column {
  readonly name: string;
  /** `text`, `pg_catalog.int4`, `text[]`. */
  readonly type: string;
  readonly place: Place;
}

export type RelationKind = "table" | "view" | "materialized view" | "continuous aggregate";

export interface Relation {
  name: Name;
  readonly kind: RelationKind;
  readonly place: Place;
  /** Of a table. */
  readonly columns: Map<string, Column>;
  /** Tables that it inherits from; of a partition, the one that it is a part of. */
  parents: readonly Name[];
  isPartition: boolean;
  /** It takes the rows that no other partition of the same table takes. */
  isDefaultPartition: boolean;
  /** It has partitions, and no rows of its own. */
  readonly isPartitioned: boolean;
  commented: boolean;
  /** For a continuous aggregate: made with data. */
  readonly withData: boolean;
}

export interface IndexKey {
  /** The column, or the expression as a tree in JSON. */
  readonly value: string;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
  readonly operatorClass: string;
  readonly collation: string;
}

export interface Index {
  name: string;
  table: Name;
  readonly place: Place;
  readonly unique: boolean;
  readonly method: string;
  keys: readonly IndexKey[];
  /** Its own columns' names, of which the names of its copies are made. */
  readonly columnNames: readonly string[];
  /** Columns that are carried, but not searched by. */
  including: readonly string[];
  /** The predicate as a tree in JSON; undefined: all rows. */
  readonly predicate: string | undefined;
  /** Columns that the predicate wants not null, and nothing else; undefined where it asks for other things. */
  notNull: readonly string[] | undefined;
  /** The kind of constraint that it belongs to. */
  constraint: "primary key" | "unique" | "exclusion" | undefined;
  readonly deferrable: boolean;
  readonly nullsNotDistinct: boolean;
  /** It is a partition's, and a part of the index of the whole table. */
  inherited: boolean;
}

interface DroppedIndex {
  readonly index: Index;
  /** Of the statement that dropped it. */
  readonly place: Place;
}

export interface ForeignKey {
  name: string;
  table: Name;
  columns: readonly string[];
  referenced: Name;
  readonly place: Place;
  /** It is a partition's, and a part of the foreign key of the whole table. */
  inherited: boolean;
}

export interface Check {
  name: string;
  table: Name;
  columns: readonly string[];
}

/** The column that a sequence belongs to. */
export interface SequenceOwner {
  table: Name;
  column: string;
}

interface Hypertable {
  table: Name;
  /** The time column, and what else it is divided by. */
  columns: readonly string[];
  readonly place: Place;
}

export type PolicyKind = "columnstore" | "retention" | "refresh";

export interface FunctionModel {
  readonly name: Name;
  readonly place: Place;
  readonly definer: boolean;
  /** Whether it says `security invoker` or `security definer`. */
  readonly saysSecurity: boolean;
  /** Undefined where it sets none of its own. */
  readonly searchPath: readonly string[] | undefined;
}

/** A table, view or index that a statement names, as it is before the statement runs. */
export interface NamedObject {
  /** Its own name; that of its table for an index. */
  readonly table: Name;
  /** The same file made it, or it is temporary: nobody else uses it yet. */
  readonly isNew: boolean;
  /** Of the table of an index, like the rest. */
  readonly isHypertable: boolean;
  readonly isPartitioned: boolean;
  readonly hasDefaultPartition: boolean;
}

/** What the files make, as far as the rules ask. */
export interface Schema {
  readonly relations: Map<Name, Relation>;
  indexes: readonly Index[];
  /** Indexes that were dropped from tables that are there, the last one last. */
  droppedIndexes: readonly DroppedIndex[];
  foreignKeys: readonly ForeignKey[];
  checks: readonly Check[];
  readonly sequences: Map<Name, SequenceOwner | undefined>;
  /** The columns of each composite type. */
  readonly types: Map<Name, ReadonlyMap<string, Column>>;
  readonly hypertables: Map<Name, Hypertable>;
  /** Relations with a column store. */
  readonly columnstores: Set<Name>;
  /** By relation. */
  readonly policies: Map<Name, Set<PolicyKind>>;
  /** By name and argument types. */
  readonly functions: Map<string, FunctionModel>;
  /** By statement and name. */
  readonly named: Map<ParsedStatement, ReadonlyMap<Name, NamedObject>>;
}

export function emptySchema(): Schema {
  return {
    relations: new Map(),
    indexes: [],
    droppedIndexes: [],
    foreignKeys: [],
    checks: [],
    sequences: new Map(),
    types: new Map(),
    hypertables: new Map(),
    columnstores: new Set(),
    policies: new Map(),
    functions: new Map(),
    named: new Map(),
  };
}

/** A constraint as a statement writes it, on a column or on the table. */
export interface PendingConstraint {
  readonly node: NodeOf<"Constraint">;
  /** The name that it is given; undefined: PostgreSQL makes one up. */
  readonly name: string | undefined;
  readonly columns: readonly string[];
  readonly place: Place;
  /** `alter table only`: the partitions do not get it. */
  readonly only: boolean;
}
