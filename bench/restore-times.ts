/**
 * Measures a base backup and a recovery at several sizes, and compares dumps with plain `pg_dump`. Writes Markdown.
 *
 *   npm run bench:recovery -- [sessions ...]
 *
 * Needs pgBackRest and pg_dump, as `npm run up` with backups does. Default: 100000 and 1000000 sessions.
 */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "pg";
import { dumpDatabase } from "../components/backups/dump/dump-database";
import { findPostgresTools } from "../components/backups/dump/postgres-tools";
import { restoreBackup } from "../components/homes/local/backups/restore-backup";
import {
  archiveNow,
  makeBaseBackup,
  servedRepository,
} from "../components/homes/local/backups/server-backups";
import { serverFolder } from "../components/homes/local/processes/paths";
import { temporaryFolder } from "../scratch/scratch-postgres";
import { StackCopy } from "../scratch/scratch-stack";
import { formatQuartiles, measureTime, quartiles } from "./timing";

const REPETITIONS = 5;

type Work = () => unknown;

/** Runs the works alternately. @returns seconds of each */
async function alternate(works: Readonly<Record<string, Work>>): Promise<Record<string, string>> {
  const times = Object.fromEntries(Object.keys(works).map((name) => [name, [] as number[]]));
  for (let round = 0; round < REPETITIONS; round += 1) {
    for (const [name, work] of Object.entries(works)) {
      times[name]?.push((await measureTime(work)).ms / 1000);
    }
  }
  return Object.fromEntries(
    Object.entries(times).map(([name, each]) => [name, formatQuartiles(quartiles(each))]),
  );
}

async function fill(admin: Client, sessions: number): Promise<string> {
  await admin.query(
    "insert into users (username, email) values ('bench', 'bench@example.com') on conflict do nothing",
  );
  await admin.query(
    `insert into sessions (user_id, access_token_jti, refresh_token_hash, expires_at)
     select (select id from users limit 1), gen_random_uuid()::text, encode(sha256((n::text || clock_timestamp())::bytea), 'hex'), now() + interval '1 day'
       from generate_series(1, $1 - (select count(*) from sessions)) as n`,
    [sessions],
  );
  await admin.query("vacuum analyze sessions");
  const { rows } = await admin.query<{ size: string }>(
    "select pg_size_pretty(pg_database_size('sark')) as size",
  );
  return rows[0]?.size ?? "";
}

async function measure(stack: StackCopy, folder: string, sessions: number): Promise<void> {
  const password = (await stack.mustRun("secret", "sark_admin")).stdout.trim();
  const admin = { user: "postgres", password };
  const server = serverFolder("sark");
  const size = await stack.withLogin("sark_admin", (client) => fill(client, sessions));
  const repository = servedRepository("sark");
  const backup = await measureTime(() => makeBaseBackup(server, repository, admin));
  await archiveNow(server, admin);
  const { restore = "" } = await alternate({
    restore: async () => {
      const restored = await restoreBackup(repository, {}, admin, serverFolder("sark-bench"));
      await restored.remove();
    },
  });

  const { pgDump } = findPostgresTools(18);
  const connection = {
    ...{ host: "127.0.0.1", port: stack.ports.sark, database: "sark", ...admin },
    sslMode: "disable" as const,
  };
  const target = join(folder, "dumps");
  const plain = (...args: readonly string[]): void => {
    const { host, port, user, database } = connection;
    const at = [`--host=${host}`, `--port=${port}`, `--username=${user}`, `--dbname=${database}`];
    const { status, stderr } = spawnSync(
      pgDump,
      [...at, ...args, `--file=${join(target, "plain")}`],
      {
        env: { ...process.env, PGPASSWORD: password },
        encoding: "utf8",
      },
    );
    if (status !== 0) throw new Error(stderr);
    rmSync(join(target, "plain"), { recursive: true, force: true });
  };
  mkdirSync(target, { recursive: true });
  const secret = randomBytes(24).toString("hex");
  const dumps = await alternate({
    "this project: zstd, encrypted, with a record": async () => {
      await dumpDatabase(connection, { folder: target, secret });
    },
    "pg_dump, custom format, zstd": () => {
      plain("--format=custom", "--compress=zstd");
    },
    "pg_dump, custom format, lz4": () => {
      plain("--format=custom", "--compress=lz4");
    },
    "pg_dump, directory, 2 jobs, zstd": () => {
      plain("--format=directory", "--jobs=2", "--compress=zstd");
    },
  });
  console.log(
    `\n${sessions.toLocaleString("en-GB")} sessions, ${size}\n\n| What | s |\n| --- | --- |`,
  );
  console.log(`| base backup, once | ${(backup.ms / 1000).toFixed(1)} |`);
  console.log(`| restore and recover to the end | ${restore} |`);
  for (const [name, time] of Object.entries(dumps)) console.log(`| ${name} | ${time} |`);
}

async function main(): Promise<void> {
  const asked = process.argv.slice(2).map(Number);
  const folder = temporaryFolder("sark-bench-recovery-");
  chmodSync(folder, 0o755);
  const stack = await StackCopy.make();
  try {
    stack.configure((config) => {
      config["sark-databases:backups"] = { folder: join(folder, "store") };
    });
    await stack.mustRun("up", "--yes", "--engine", "embedded");
    process.env["SARK_ROOT"] = stack.folder;
    for (const sessions of asked.length > 0 ? asked : [100_000, 1_000_000]) {
      await measure(stack, folder, sessions);
    }
  } finally {
    await stack.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
