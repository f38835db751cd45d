import type { NodeOf } from "../../components/sql-text/parse-tree";
import type { ParsedStatement, SourceLine } from "../parsed";
import type { Name } from "../../components/sql-text/sql-names";

export type { Name };

export interface Column {
  readonly name: string;
  /** `text`, `pg_catalog.int4`, `text[]`. */
  readonly type: string;
  readonly place: SourceLine;
}

export type RelationKind = "table" | "view" | "materialized view" | "continuous aggregate";

export interface Relation {
  name: Name;
  readonly kind: RelationKind;
  readonly place: SourceLine;
  /** Filled for tables only. */
  readonly columns: Map<string, Column>;
  /** Tables that it inherits from; for a partition, its partitioned table. */
  parents: readonly Name[];
  isPartition: boolean;
  /** Takes the rows that fit no other partition. */
  isDefaultPartition: boolean;
  /** Is a partitioned table, without rows of its own. */
  readonly isPartitioned: boolean;
  commented: boolean;
  /** For a continuous aggregate: created with data. */
  readonly withData: boolean;
}

export interface IndexKey {
  /** The column, or the expression as a JSON tree. */
  readonly value: string;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
  readonly operatorClass: string;
  readonly collation: string;
}

export interface Index {
  name: string;
  table: Name;
  readonly place: SourceLine;
  readonly unique: boolean;
  readonly method: string;
  keys: readonly IndexKey[];
  /** Names of its columns, from which the names of its copies are generated. */
  readonly columnNames: readonly string[];
  /** Columns of `include`. */
  including: readonly string[];
  /** The predicate as a JSON tree; undefined for all rows. */
  readonly predicate: string | undefined;
  /** Columns that the predicate requires to be not null; undefined if it has other conditions. */
  notNull: readonly string[] | undefined;
  /** The kind of its constraint; undefined without one. */
  constraint: "primary key" | "unique" | "exclusion" | undefined;
  readonly deferrable: boolean;
  readonly nullsNotDistinct: boolean;
  /** It is a partition's index, attached to the parent's. */
  inherited: boolean;
}

interface DroppedIndex {
  readonly index: Index;
  /** The statement that dropped it. */
  readonly place: SourceLine;
}

export interface ForeignKey {
  name: string;
  table: Name;
  columns: readonly string[];
  referenced: Name;
  readonly place: SourceLine;
  /** It is a partition's foreign key, inherited from the parent. */
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
  /** The partitioning columns: time first, then further dimensions. */
  columns: readonly string[];
  readonly place: SourceLine;
}

export type PolicyKind = "columnstore" | "retention" | "refresh";

export interface FunctionModel {
  readonly name: Name;
  readonly place: SourceLine;
  readonly definer: boolean;
  /** Whether `security invoker` or `security definer` is written out. */
  readonly hasSecurityClause: boolean;
  /** Undefined if the function sets none. */
  readonly searchPath: readonly string[] | undefined;
}

/** A table, view or index that a statement names, in its state before the statement runs. */
export interface NamedObject {
  /** Its own name; for an index, its table's name. */
  readonly table: Name;
  /** The same file created it, or it is temporary: nothing else uses it yet. */
  readonly isNew: boolean;
  /** For an index, this and the next two describe its table. */
  readonly isHypertable: boolean;
  readonly isPartitioned: boolean;
  readonly hasDefaultPartition: boolean;
}

/** The schema that the files create, as far as the rules need it. */
export interface Schema {
  readonly relations: Map<Name, Relation>;
  indexes: readonly Index[];
  /** Indexes dropped from existing tables, the most recent last. */
  droppedIndexes: readonly DroppedIndex[];
  foreignKeys: readonly ForeignKey[];
  checks: readonly Check[];
  readonly sequences: Map<Name, SequenceOwner | undefined>;
  /** The columns of each composite type. */
  readonly types: Map<Name, ReadonlyMap<string, Column>>;
  readonly hypertables: Map<Name, Hypertable>;
  /** Relations with a columnstore. */
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

/** A constraint in a statement, on a column or on the table. */
export interface PendingConstraint {
  readonly node: NodeOf<"Constraint">;
  /** Its name; undefined if PostgreSQL generates one. */
  readonly name: string | undefined;
  readonly columns: readonly string[];
  readonly place: SourceLine;
  /** `alter table only`: does not apply to the partitions. */
  readonly excludesPartitions: boolean;
}
