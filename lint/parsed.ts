/** The files of a database, and the statements in them, as the rules read them. */
import type { MigrationFile } from "../components/migrations/plan/migration-files";
import type { Statement } from "../components/migrations/plan/statements";
import type { DatabaseName } from "../components/roles/plan/role-plan";

/** Where something stands. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

export interface ParsedFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly migration: MigrationFile;
  readonly statements: readonly ParsedStatement[];
  /** Its SQL with the statements of each `do` block in the place of the block, on their own lines. */
  readonly opened: string;
  /** Lines of `execute` in `do` blocks with a text that is known only when it runs, the first of each block. */
  readonly computed: readonly number[];
}

/** A tree, and where its nodes stand. */
export interface Part {
  readonly tree: unknown;
  /** The line of a node's `location`; where it has none, that of the whole. */
  readonly lineAt: (location: number | undefined) => number;
}

export interface ParsedStatement extends Statement, Part {
  /** A `do` block decides whether it runs. */
  readonly isConditional: boolean;
  readonly file: string;
  readonly lastLine: number;
  /** SQL inside of the function that this makes. That of a `do` block, which runs at once, stands beside it. */
  readonly body: readonly Part[];
}

/** The files of a database, in order. */
export interface ParsedDatabase {
  readonly name: DatabaseName;
  readonly files: readonly ParsedFile[];
}
