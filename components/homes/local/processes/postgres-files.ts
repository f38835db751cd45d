/** Paths of the files of a local PostgreSQL. */
import { join } from "node:path";

/** Paths in one server's folder. */
export interface ServerFiles {
  /** PostgreSQL's own data directory. */
  readonly data: string;
  readonly logs: string;
  /** Output of the last start, before the server's logger ran. */
  readonly startLog: string;
}

export function serverFiles(folder: string): ServerFiles {
  const logs = join(folder, "log");
  return { data: join(folder, "data"), logs, startLog: join(logs, "start.log") };
}
