/** One attempt to apply a file. */
import type { Client } from "pg";
import type { MigrationFile } from "../plan/migration-files";
import type { Statement } from "../plan/statements";

/** A boundary: before a statement, before the file's ledger row, before the commit, and after it. */
export interface Boundary {
  readonly file: string;
  readonly before: number | "ledger" | "commit" | "end";
}

/** Input of both ways to run a file's statements, inside or outside a transaction. */
export interface Attempt {
  readonly client: Client;
  readonly file: MigrationFile;
  /** Role that runs the file. */
  readonly role: string;
  /** Whether the file may create temporary tables. */
  readonly temporary: boolean;
  readonly statements: readonly Statement[];
  readonly say: (text: string) => void;
  /** Called with the running statement, so that a failure can be located. */
  readonly onStatement: (statement: Statement, relations?: readonly string[]) => void;
  readonly onBoundary: (before: Boundary["before"]) => Promise<void>;
  /** Records the file as applied. */
  readonly record: () => Promise<void>;
  /** Runs work as the owner, who owns the ledger, whichever role runs the file. */
  readonly asOwner: <T>(work: () => Promise<T>) => Promise<T>;
}
