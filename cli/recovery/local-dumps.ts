import * as fs from "node:fs";
import * as path from "node:path";
import { randomBytes } from "node:crypto";
import { type WrittenDump, dumpDatabase } from "../../components/backups/dump/dump-database";
import { restoreDump } from "../../components/backups/dump/restore-dump";
import { verifyDump } from "../../components/backups/dump/verify-dump";
import { type ConnectionInput, withClient } from "../../components/connections/provider-connection";
import { freePort, HOST } from "../../components/homes/local/processes/ports";
import { drillFolder, serverFolder } from "../../components/homes/local/processes/paths";
import {
  startTimescale,
  stopTimescale,
} from "../../components/homes/local/timescale/server-process";
import { BACKUPS, type ServerOutput, type StackOutputs } from "../../components/outputs/outputs";
import { passwordVerifier } from "../../components/roles/plan/scram";
import type { DatabaseName } from "../../components/roles/plan/role-plan";
import { UserError } from "../../engine/engine";
import { findLogin } from "../../engine/read-outputs";
import type { DrillHome } from "./restore-drill";

const DAY = 24 * 3600 * 1000;

/** Dumps a database of this machine, and deletes dumps past their retention. */
export async function dumpNow(server: ServerOutput, outputs: StackOutputs): Promise<WrittenDump> {
  const { host, port, database, backups } = server;
  const { user, password } = findLogin(outputs, `${database}_admin`);
  const folder = dumpFolder(server);
  const secret = findLogin(outputs, BACKUPS).password;
  const written = await dumpDatabase(
    { host, port, database, user, password, sslMode: "disable" },
    { folder, secret, singleSession: true },
  );
  // An older dump is only deleted when this one can be read.
  await verifyDump(written.file, { secret, database });
  const oldest = Date.now() - (backups?.days ?? 0) * DAY;
  for (const file of manifests(server).filter((each) => fs.statSync(each).mtimeMs < oldest)) {
    // The manifest first: without it the rest is no dump.
    fs.rmSync(file, { force: true });
    fs.rmSync(file.replace(/\.json$/, ".dump"), { force: true });
  }
  return written;
}

/** Restores the newest dump into an embedded TimescaleDB beside the running one. */
export function dumpDrill(server: ServerOutput, outputs: StackOutputs): DrillHome {
  const database = server.database as DatabaseName;
  return {
    withRestored: async (to, work) => {
      const file = dumpBefore(server, to);
      const secret = findLogin(outputs, BACKUPS).password;
      const folder = drillFolder(serverFolder(database));
      const password = randomBytes(24).toString("hex");
      const port = await freePort();
      const remove = async (): Promise<void> => {
        await stopTimescale(folder);
        fs.rmSync(folder, { recursive: true, force: true });
      };
      await remove();
      try {
        await startTimescale(folder, {
          port,
          database,
          adminVerifier: passwordVerifier("postgres", password),
          patience: {},
        });
        const target: ConnectionInput = {
          ...{ host: HOST, port, database, user: "postgres", password, sslMode: "disable" },
        };
        const manifest = await restoreDump(file, target, { secret, database });
        return await withClient(target, (session) =>
          work(session, {
            source: `dump ${path.basename(file, ".json")}`,
            target: manifest.record.time,
            record: manifest.record,
            lost: `what was written after ${manifest.record.time}`,
            // The embedded server has no amcheck.
            pages: false,
          }),
        );
      } finally {
        await remove();
      }
    },
  };
}

function dumpFolder({ backups, database }: ServerOutput): string {
  return path.join(backups?.location ?? "", "dumps", database);
}

/** Manifests, from old to new. */
function manifests(server: ServerOutput): readonly string[] {
  const folder = dumpFolder(server);
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  return names
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => path.join(folder, name));
}

/** The newest dump that ended before a time. */
function dumpBefore(server: ServerOutput, to: string | undefined): string {
  const limit = to === undefined ? Infinity : new Date(to).getTime();
  const found = manifests(server).filter((file) => fs.statSync(file).mtimeMs <= limit);
  const newest = found.at(-1);
  if (newest !== undefined) return newest;
  const before = to === undefined ? "" : ` from before ${to}`;
  throw new UserError(
    `${dumpFolder(server)} has no dump of ${server.database}${before}; npm run backup makes one`,
  );
}
