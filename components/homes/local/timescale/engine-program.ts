/** The process of the engine: it handles the requests of the server in front of it, one after another. */
import { join } from "node:path";
import { TimescaleEngine } from "./pglite-engine";
import { type EngineVersions, readSettings } from "./server-facts";
import { EngineSession, readVerifiers, type Startup } from "./client-session";
import { completedCommands, SessionError, transactionStatus } from "./wire-protocol";

export type EngineRequest =
  | { readonly do: "open" }
  /** Starts a client's session. */
  | { readonly do: "begin"; readonly startup: Startup; readonly verifier: string }
  /** Forwards a client's message, with the data of a COPY FROM STDIN in it. */
  | { readonly do: "execute"; readonly message: Buffer; readonly file?: readonly Buffer[] }
  /** Clears the client's session. */
  | { readonly do: "end" }
  | { readonly do: "close" };

export interface EngineReply {
  /** The reply for the client. */
  readonly data?: Buffer;
  /** Versions, once open. */
  readonly versions?: EngineVersions;
  /** SCRAM verifiers of all roles, when they may have changed. */
  readonly verifiers?: ReadonlyMap<string, string>;
  /** The session's `statement_timeout` in milliseconds; 0 for none. */
  readonly statementTimeout: number;
  /** Why the session was refused. */
  readonly refused?: { readonly code: string; readonly message: string };
}

/** Commands that may change passwords of roles. */
const CHANGES_ROLES = /^(?:CREATE|ALTER|DROP) ROLE$|^DO$|^CALL$/;

/** Serves the process that started this one, until that one ends. */
export function serveEngine(folder: string, database: string, enginePackage: string): void {
  // By default Node 24 and later pass on the permissions of the parent process.
  if (process.permission.has("child"))
    throw new Error("the engine must not have the permission to start processes");
  process.on("disconnect", () => process.exit(0));
  const opened = TimescaleEngine.open({
    ...{ data: join(folder, "data"), database, package: enginePackage },
    adminVerifier: readSettings(folder).adminVerifier,
  });
  let session: EngineSession | undefined;

  const work = async (
    engine: TimescaleEngine,
    request: EngineRequest,
  ): Promise<Partial<EngineReply>> => {
    switch (request.do) {
      case "open":
        return { versions: await versions(engine), verifiers: await readVerifiers(engine) };
      case "begin":
        session = new EngineSession(engine, database);
        return { data: await session.begin(request.startup, request.verifier) };
      case "execute": {
        const data = await engine.execute(Buffer.from(request.message), request.file);
        const changed =
          transactionStatus(data) === "I" &&
          completedCommands(data).some((tag) => CHANGES_ROLES.test(tag));
        return { data, ...(changed ? { verifiers: await readVerifiers(engine) } : {}) };
      }
      case "end":
        await session?.end();
        return { verifiers: await readVerifiers(engine) };
      case "close":
        await engine.close();
        return {};
    }
  };

  const answer = async (request: EngineRequest): Promise<EngineReply> => {
    const engine = await opened;
    try {
      const result = await work(engine, request);
      return { ...result, statementTimeout: engine.backend.statementTimeout };
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      const { code, message } = error;
      return { refused: { code, message }, statementTimeout: 0 };
    }
  };

  process.on("message", (request: EngineRequest) => {
    answer(request).then(
      (reply) => process.send?.(reply),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
}

async function versions(engine: TimescaleEngine): Promise<EngineVersions> {
  const [found] = await engine.query<{ server: string; timescaledb: string | null }>(
    `select current_setting('server_version') as server,
            (select default_version from pg_available_extensions where name = 'timescaledb')
              as timescaledb`,
  );
  return { serverVersion: found?.server ?? "", timescaledbVersion: found?.timescaledb ?? "" };
}
