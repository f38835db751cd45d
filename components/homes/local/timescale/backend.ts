/**
 * Sets variables of the engine that SQL cannot reach. A backend of PostgreSQL is bound to its role when it starts; the
 * engine serves one client after another, so this binds each session as the start of a backend does.
 */
import { createHash } from "node:crypto";
import type { StackPointer } from "./guards";

/** The part of the engine's module that is used here. */
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
 * Addresses of the variables in one build of the engine, in bytes. To find them in another build: the OID of the
 * authenticated user follows four words after three that are equal (current, outer and session user) once a session has
 * become a role with a known OID; `check_stack_depth` loads the base of the stack first; `show statement_timeout` shows
 * what is written to its address.
 */
const BUILD = {
  sha256: "a19b780886acb3ded885da434493ffea8de6c5df237dde59f352381cd19b0d66",
  currentUser: 2_683_368,
  authenticatedUser: 2_683_388,
  stackBase: 2_540_524,
  statementTimeout: 2_649_860,
};

/**
 * Bytes of the stack that replaces the engine's own. That one has 64 kB and no check of its end: what lies beyond is
 * overwritten.
 */
const STACK_BYTES = 32 * 1024 * 1024;
/** OID of the role that made the cluster. */
export const SUPERUSER = 10;

/** GucContext and GucSource of PostgreSQL 17, guc.h. */
const PGC_BACKEND = 4;
const PGC_SUSET = 5;
const PGC_S_OVERRIDE = 10;

export class Backend {
  readonly #module: BackendModule;

  /**
   * @param program bytes of the engine's build
   * @throws Error for a build whose variables are not known.
   */
  constructor(module: unknown, program: Uint8Array) {
    const build = createHash("sha256").update(program).digest("hex");
    if (build !== BUILD.sha256 || !isBackendModule(module)) {
      throw new Error(
        `unknown build of the embedded TimescaleDB: SHA-256 ${build}, expected ${BUILD.sha256}. Its sessions cannot be ` +
          "bound to their login; install the version of the package in package-lock.json",
      );
    }
    this.#module = module;
  }

  /**
   * Gives the engine a stack whose limits it notices: `max_stack_depth` (54001), then Node's own limit, both long
   * before the end of the stack.
   */
  useLargeStack(stackPointer: StackPointer): void {
    const top = (this.#module._malloc(STACK_BYTES) + STACK_BYTES) & ~15;
    stackPointer.value = top;
    this.#write(BUILD.stackBase, top);
  }

  /**
   * Binds the session to a role, as the start of a backend does: RESET and DISCARD ALL return to it, and SET ROLE and
   * SET SESSION AUTHORIZATION use its privileges. Call it outside of transactions, for a role that exists.
   */
  authenticate(role: { readonly name: string; readonly oid: number }): void {
    // Only a superuser may become any role.
    this.#write(BUILD.authenticatedUser, SUPERUSER);
    this.#setOption("session_authorization", role.name, PGC_BACKEND);
    this.#write(BUILD.authenticatedUser, role.oid);
  }

  /** Changes the value to which RESET returns a parameter. It must be valid for the parameter. */
  setResetValue(parameter: string, value: string): void {
    this.#setOption(parameter, value, PGC_SUSET);
  }

  /** The session's `statement_timeout` in milliseconds; 0 for none. */
  get statementTimeout(): number {
    return this.#module.HEAPU32[BUILD.statementTimeout / 4] ?? 0;
  }

  /** Runs our own work with superuser privileges, whichever role has the session. */
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
