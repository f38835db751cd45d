/** Paths of the files of a local PostgreSQL. */
import { join } from "node:path";
import { readIfThere } from "../../../files/files";

/** Paths in one server's folder. */
export interface ServerFiles {
  /** PostgreSQL's own data directory: that of the generation that is served. */
  readonly data: string;
  readonly logs: string;
  /** Output of the last start, before the server's logger ran. */
  readonly startLog: string;
}

export function serverFiles(folder: string): ServerFiles {
  const logs = join(folder, "log");
  return {
    data: generationData(folder, servedGeneration(folder)),
    logs,
    startLog: join(logs, "start.log"),
  };
}

/** Data directory of one generation. Generation 1 is the server's own; each recovery makes another beside it. */
export function generationData(folder: string, generation: number): string {
  return join(folder, generation === 1 ? "data" : `data-g${generation}`);
}

/** File with the number of the generation that is served. Absent until the first recovery. */
export function generationFile(folder: string): string {
  return join(folder, "generation");
}

export function servedGeneration(folder: string): number {
  return Number(readIfThere(generationFile(folder)) ?? 1);
}
