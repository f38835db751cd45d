/**
 * The engine's own variables, which no SQL reaches. A server process is told whom it serves when it starts, and cannot
 * become another; the engine serves one client after another, so this does for each what a server's start does.
 */
import { createHash } from "node:crypto";
import type { StackPointer } from "./guards";

/** As much of the engine's module as is used here. */
export interface BackendModule {
  readonly HEAPU32: Uint32Array;
  stringToNewUTF8(text: string): number;
  _malloc(bytes: number): number;
  _free(address: number): void;
  _StartTransactionCommand(): void;
  _CommitTransactionCommand(): void;
  _SetConfigOption(name: number, value: number, context: number, source: number): void;
}

/**
 * Where one build of the engine keeps them, in bytes. Another build needs others: the user's number follows four words
 * after three that are equal (current, outer and session user) once a session has become a role with a known number;
 * `check_stack_depth` loads the base of the stack first; `show statement_timeout` shows what is written to its place.
 */
const BUILD = {
  sha256: "a19b780886acb3ded885da434493ffea8de6c5df237dde59f352381cd19b0d66",
  currentUser: 2_683_368,
  authenticatedUser: 2_683_388,
  stackBase: 2_540_524,
  statementTimeout: 2_649_860,
};

/** The engine's own stack has 64 kB and nothing notices its end: what is beyond is overwritten. */
const STACK_BYTES = 32 * 1024 * 1024;
/** PostgreSQL's number of the role that made the cluster. */
export const SUPERUSER = 10;

/** GucContext and GucSource of PostgreSQL 17, guc.h. */
const PGC_BACKEND = 4;
const PGC_SUSET = 5;
const PGC_S_OVERRIDE = 10;

export class Backend {
  readonly #module: BackendModule;

  /**
   * @param program the bytes of the engine's build
   * @throws Error when the build is not the one whose variables are known.
   */
  constructor(module: unknown, program: Uint8Array) {
    const build = createHash("sha256").update(program).digest("hex");
    if (build !== BUILD.sha256 || !isBackendModule(module)) {
      throw new Error(
        `the embedded TimescaleDB is another build (SHA-256 ${build}) than the one that sessions can be bound to ` +
          `their login in (${BUILD.sha256}); install the package's version of package-lock.json`,
      );
    }
    this.#module = module;
  }

  /** Gives the engine a stack whose end it notices: `max_stack_depth` (54001), and long before it Node's own limit. */
  useLargeStack(stackPointer: StackPointer): void {
    const top = (this.#module._malloc(STACK_BYTES) + STACK_BYTES) & ~15;
    stackPointer.value = top;
    this.#write(BUILD.stackBase, top);
  }

  /**
   * Binds the session to a role, as the start of a server process does: RESET and DISCARD ALL come back to it, and SET
   * ROLE and SET SESSION AUTHORIZATION go by its rights. To be called outside of transactions, for a role that exists.
   */
  authenticate(role: { readonly name: string; readonly oid: number }): void {
    // Whoever is a superuser at this moment may become anybody.
    this.#write(BUILD.authenticatedUser, SUPERUSER);
    this.#setOption("session_authorization", role.name, PGC_BACKEND);
    this.#write(BUILD.authenticatedUser, role.oid);
  }

  /** Changes what RESET of a parameter comes back to. The value must be one that the parameter takes. */
  setResetValue(parameter: string, value: string): void {
    this.#setOption(parameter, value, PGC_SUSET);
  }

  /** The session's `statement_timeout` in milliseconds; 0 for none. */
  get statementTimeout(): number {
    return this.#module.HEAPU32[BUILD.statementTimeout / 4] ?? 0;
  }

  /** Runs work of ours with the superuser's rights, whoever has the session. */
  async asSuperuser<T>(work: () => Promise<T>): Promise<T> {
    const user = this.#module.HEAPU32[BUILD.currentUser / 4] ?? SUPERUSER;
    this.#write(BUILD.currentUser, SUPERUSER);
    try {
      return await work();
    } finally {
      this.#write(BUILD.currentUser, user);
    }
  }

  #setOption(name: string, value: string, context: number): void {
    const module = this.#module;
    const texts = [module.stringToNewUTF8(name), module.stringToNewUTF8(value)] as const;
    module._StartTransactionCommand();
    module._SetConfigOption(...texts, context, PGC_S_OVERRIDE);
    module._CommitTransactionCommand();
    for (const text of texts) module._free(text);
  }

  #write(address: number, value: number): void {
    this.#module.HEAPU32[address / 4] = value;
  }
}

function isBackendModule(module: unknown): module is BackendModule {
  return (
    typeof module === "object" &&
    module !== null &&
    ["_SetConfigOption", "_StartTransactionCommand", "_CommitTransactionCommand", "_malloc"].every(
      (name) => name in module,
    )
  );
}
