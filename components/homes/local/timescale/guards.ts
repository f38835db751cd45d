/**
 * Restrictions of the embedded TimescaleDB's process that also apply to superusers: it opens and loads only the
 * server's own files and libraries, and its memory is limited. Node's permission model is around it (see sandbox.ts).
 */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { COPY_FILE } from "./copy-from-stdin";

/** The part of the engine's file system that is guarded or read. Paths are absolute. */
export interface EngineFiles {
  open(path: unknown, flags: unknown, mode?: unknown): unknown;
  getPath(node: unknown): string;
  readdir(path: string): string[];
  readFile(path: string): Uint8Array;
  stat(path: string): { readonly mode: number };
  isFile(mode: number): boolean;
  readonly ErrnoError: new (errno: number) => Error;
}

/** Maximum memory of the engine in bytes; its own limit is 2 GiB. Beyond it a statement fails with 53200. */
const MAX_MEMORY = 1024 * 1024 * 1024;
const PAGE = 65_536;
/** Start address of the engine's C stack. Only the global of the stack pointer starts with it. */
const STACK_POINTER = 2_767_808;
/** WASI's number for "permission denied". */
const EACCES = 2;

const DATA = "/tmp/pglite/base/";
const LIBRARIES = "/tmp/pglite/lib/postgresql";
const PROGRAM = /^\/tmp\/pglite\/(?:lib|share|locale|password)(?:\/|$)/;
/** Names of PostgreSQL's own files, below its data folder. */
const OWN_FILE = new RegExp(
  [
    String.raw`(?:base|global)(?:/\d+)?(?:/\.)?`,
    String.raw`(?:base/\d+|global)/(?:(?:t\d+_)?\d+(?:_(?:fsm|vm|init))?(?:\.\d+)?|PG_VERSION|pg_filenode\.map(?:\.tmp)?|pg_internal\.init(?:\.\d+)?|pg_control)`,
    String.raw`base/pgsql_tmp(?:/pgsql_tmp[\w.]+)*`,
    String.raw`pg_wal(?:/(?:[0-9A-F]{24}|xlogtemp\.\d+|archive_status|summaries)(?:/[\w.]+)?)?`,
    String.raw`pg_(?:xact|multixact|subtrans|notify|serial|commit_ts|logical|stat|stat_tmp|snapshots|replslot|twophase|tblspc|dynshmem)(?:/[\w.-]+)*`,
    String.raw`postgresql\.(?:conf|auto\.conf(?:\.tmp)?)|pg_(?:hba|ident)\.conf|postmaster\.(?:pid|opts)|PG_VERSION|\.`,
  ].join("|"),
);
const OWN = new RegExp(`^(?:${OWN_FILE.source})/?$`);

export class Guards {
  /** Hashes of the libraries that may be loaded; undefined while the engine sets itself up. */
  #libraries: ReadonlySet<string> | undefined;
  #stackPointer: StackPointer | undefined;
  #copying = false;

  /** Guards this process until it ends. */
  constructor() {
    this.#guardWebAssembly();
    // The engine reads the numbers of Node's file constants in a way that the permission model refuses completely.
    Object.assign(process, {
      binding: (name: string) => {
        if (name === "constants") return { fs: constants };
        throw new Error(`process.binding("${name}") is not available`);
      },
    });
  }

  /** The global that holds the engine's stack pointer. */
  get stackPointer(): StackPointer {
    if (this.#stackPointer === undefined) throw new Error("the engine has no stack pointer");
    return this.#stackPointer;
  }

  /** Lets the engine set itself up without restrictions, while it serves no client. */
  async whileOpening<T extends { readonly Module: { readonly FS: EngineFiles } }>(
    open: () => Promise<T>,
  ): Promise<T> {
    this.#libraries = undefined;
    const engine = await open();
    const files = engine.Module.FS;
    const libraries = files.readdir(LIBRARIES).map((name) => `${LIBRARIES}/${name}`);
    this.#libraries = new Set(
      libraries
        .filter((path) => files.isFile(files.stat(path).mode))
        .map((path) => hash(files.readFile(path))),
    );
    this.#guardFiles(files);
    return engine;
  }

  /** Lets COPY read the data of a client while the work runs. */
  async whileCopying<T>(work: () => Promise<T>): Promise<T> {
    this.#copying = true;
    try {
      return await work();
    } finally {
      this.#copying = false;
    }
  }

  #guardFiles(files: EngineFiles): void {
    const open = files.open.bind(files);
    files.open = (path, flags, mode) => {
      const name = typeof path === "string" ? path : files.getPath(path);
      if (!this.#mayOpen(name, flags)) throw new files.ErrnoError(EACCES);
      return open(path, flags, mode);
    };
  }

  #mayOpen(path: string, flags: unknown): boolean {
    if (path.split("/").includes("..")) return false;
    if (path.startsWith(DATA)) return OWN.test(path.slice(DATA.length));
    const writes =
      typeof flags === "number"
        ? (flags &
            (constants.O_WRONLY | constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC)) !==
          0
        : flags !== "r";
    if (path === COPY_FILE) return this.#copying && !writes;
    return !writes && (PROGRAM.test(path) || path === "/dev/urandom" || path === "/dev/null");
  }

  #guardWebAssembly(): void {
    intercept("Module", (make, [bytes]) => {
      const module = make([bytes]);
      if (!isTrampoline(module)) this.#requireOwnLibrary(bytes);
      return module;
    });
    intercept("Memory", (make, [given]) => {
      const descriptor = given as { readonly maximum?: number };
      const maximum = Math.min(descriptor.maximum ?? Infinity, MAX_MEMORY / PAGE);
      return make([{ ...descriptor, maximum }]);
    });
    intercept("Global", (make, args) => {
      const global = make(args);
      if (args[1] === STACK_POINTER) this.#stackPointer = global as StackPointer;
      return global;
    });
    for (const name of ["compile", "instantiate"]) {
      const original = webAssembly[name] as (...args: unknown[]) => unknown;
      webAssembly[name] = (...args: unknown[]) => {
        // A module was checked when it was compiled.
        if (isBytes(args[0])) this.#requireOwnLibrary(args[0]);
        return original(...args);
      };
    }
  }

  #requireOwnLibrary(bytes: unknown): void {
    if (this.#libraries === undefined) return;
    if (ArrayBuffer.isView(bytes) && this.#libraries.has(hash(bytes))) return;
    throw new Error("not one of the server's own libraries");
  }
}

/** The engine's global that holds its stack pointer. */
export interface StackPointer {
  value: number;
}

const webAssembly = Reflect.get(globalThis, "WebAssembly") as Record<string, unknown>;

/** Passes each `new WebAssembly.<name>` through `make`. */
function intercept(
  name: string,
  make: (original: (args: readonly unknown[]) => object, args: readonly unknown[]) => object,
): void {
  const original = webAssembly[name] as new (...args: unknown[]) => object;
  webAssembly[name] = new Proxy(original, {
    construct: (target, args) => make((given) => new target(...given), args as unknown[]),
  });
}

/**
 * Whether a module is the wrapper that the engine makes for one of its functions, so that libraries can call it. A
 * library that imitates one does not run: it gets other imports, and does not link.
 */
function isTrampoline(module: object): boolean {
  const { imports } = webAssembly["Module"] as {
    readonly imports: (module: object) => readonly object[];
  };
  return isDeepStrictEqual(
    imports(module).map((each) => ({ ...each })),
    [{ module: "e", name: "f", kind: "function" }],
  );
}

function isBytes(value: unknown): boolean {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}

function hash(bytes: ArrayBufferView): string {
  return createHash("sha256")
    .update(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    .digest("hex");
}
