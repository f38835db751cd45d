/** Where the parts of a local PostgreSQL lie. */
import { join } from "node:path";

/** Parts of one server's folder. */
export interface ServerFiles {
  /** PostgreSQL's own data directory. */
  readonly data: string;
  readonly logs: string;
  /** What the server printed before its logger ran, of the last start. */
  readonly startLog: string;
}

export function serverFiles(folder: string): ServerFiles {
  const logs = join(folder, "log");
  return { data: join(folder, "data"), logs, startLog: join(logs, "start.log") };
}
