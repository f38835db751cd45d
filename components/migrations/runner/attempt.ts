/** One try to apply a file. */
import type { Client } from "pg";
import type { MigrationFile } from "../plan/migration-files";
import type { Statement } from "../plan/statements";

/** A boundary: before a statement, before the file's row in the ledger, before the commit, and after it. */
export interface Step {
  readonly file: string;
  readonly before: number | "ledger" | "commit" | "end";
}

/** What the two ways to run a file's statements are given. */
export interface Attempt {
  readonly client: Client;
  readonly file: MigrationFile;
  /** Whom the file runs as. */
  readonly role: string;
  /** Whether the file has the right to make temporary tables. */
  readonly temporary: boolean;
  readonly statements: readonly Statement[];
  readonly say: (text: string) => void;
  /** Told what runs now, so that a failure can be placed. */
  readonly runs: (statement: Statement, relations?: readonly string[]) => void;
  readonly step: (before: Step["before"]) => Promise<void>;
  /** Records the file as applied. */
  readonly record: () => Promise<void>;
  /** The ledger is the owner's, whoever the file runs as. */
  readonly asOwner: <T>(work: () => Promise<T>) => Promise<T>;
}
