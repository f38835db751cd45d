/** TimescaleDB in the process of the test, for tests that need no socket. */
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { CatalogReader, CatalogRow } from "../../components/database-layer/catalog";
import type { CopyIn } from "../../data/load-table";
import { NOW } from "./clock";

/** TimescaleDB in memory, with one session of the superuser. */
export interface TestTimescale extends CatalogReader {
  /** Runs one statement with parameters, or any number without. @returns the rows of the last */
  rows(text: string, params?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** Runs one `copy ... from stdin`; its data is held in memory. */
  readonly copyIn: CopyIn;
  /** Writes the data to a file, from which {@link openTimescale} opens a copy. */
  save(file: string): Promise<void>;
  close(): Promise<void>;
}

interface Answer {
  readonly id: number;
  readonly rows?: unknown[];
  readonly error?: { readonly message: string; readonly code?: string };
}

/**
 * @param now where its clock begins, whatever the date is
 * @param template file of data that another saved
 */
export function openTimescale(now = NOW, template?: string): TestTimescale {
  const worker = new Worker(join(__dirname, "timescale-worker.js"), {
    workerData: { now: now.getTime(), template },
  });
  const waiting = new Map<number, (answer: Answer) => void>();
  let requests = 0;
  worker.on("message", (answer: Answer) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  const ask = async (
    text: string,
    params?: readonly unknown[],
    file?: readonly string[],
    save?: string,
  ): Promise<unknown[]> => {
    const id = ++requests;
    const { rows, error } = await new Promise<Answer>((resolve) => {
      waiting.set(id, resolve);
      worker.postMessage({ id, text, params, file, save });
    });
    if (error !== undefined) throw Object.assign(new Error(error.message), { code: error.code });
    return rows ?? [];
  };
  return {
    rows: async (text, params) => (await ask(text, params)) as Record<string, unknown>[],
    copyIn: async (statement, text) => {
      await ask(statement.replace(/stdin$/, "'/dev/blob'"), [], [...text]);
    },
    query: async (text) => ({ rows: (await ask(text)) as CatalogRow[] }),
    save: async (to) => {
      await ask("", undefined, undefined, to);
    },
    async close() {
      await worker.terminate();
    },
  };
}
