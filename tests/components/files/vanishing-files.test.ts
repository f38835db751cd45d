/**
 * Files of PostgreSQL, PgBouncer and the Pulumi CLI may vanish between a check and their use. In these tests a file
 * vanishes after a check, or just before it is read.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  truncateLargeLogs,
  lastLines,
  readIfThere,
} from "../../../components/homes/local/processes/private-files";
import {
  existingServerFolder,
  removeServerFolder,
} from "../../../components/homes/local/processes/paths";
import { runningPostgres } from "../../../components/homes/local/processes/postgres";
import { serverFiles } from "../../../components/homes/local/processes/postgres-files";
import { copyFolder } from "../../../components/homes/local/processes/postgres-clone";
import { postgresLogExcerpt } from "../../../components/homes/local/processes/postgres-log";
import { spawnDetached } from "../../../components/homes/local/processes/process";
import { ownerOf } from "../../../components/homes/local/processes/service-user";
import { State } from "../../../engine/embedded/state";
import { awaitUnlocked } from "../../../engine/pulumi/pulumi-lock";
import { makeCheckout } from "../../support/local-home";

jest.mock("node:fs", () => {
  const actual = jest.requireActual<typeof import("node:fs")>("node:fs");
  const uses = ["readFileSync", "realpathSync"] as const;
  const vanishing = new Map<string, readonly string[]>();
  const looks = ["existsSync", "statSync", "lstatSync", "readdirSync"] as const;
  const vanish = (look: string, path: unknown): void => {
    for (const [file, by] of vanishing) {
      const seen = file === path || (look === "readdirSync" && file.startsWith(`${String(path)}/`));
      if (seen && by.includes(look)) actual.rmSync(file, { recursive: true, force: true });
    }
  };
  const wrapped = [...uses, ...looks].map((name) => {
    const original = actual[name] as (...args: readonly unknown[]) => unknown;
    const watched = (...args: readonly unknown[]): unknown => {
      if (name === "readFileSync" || name === "realpathSync") vanish(name, args[0]);
      const answer = original(...args);
      vanish(name, args[0]);
      return answer;
    };
    return [name, watched];
  });
  return {
    vanishing,
    ...actual,
    ...(Object.fromEntries(wrapped) as object),
  };
});

/** Paths that vanish, with the functions whose call triggers it. */
const { vanishing: mockVanishing } = jest.requireMock<{
  readonly vanishing: Map<string, readonly string[]>;
}>("node:fs");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sark-vanishing-"));
});
afterEach(() => {
  mockVanishing.clear();
  rmSync(folder, { recursive: true, force: true });
});

/** Creates a file that vanishes once it was checked. */
function vanishing(name: string, text: string, ...looks: readonly string[]): string {
  const file = join(folder, name);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
  mockVanishing.set(file, looks);
  return file;
}

it("readIfThere treats a file removed before reading as absent", () => {
  expect(
    readIfThere(vanishing("postmaster.pid", "1", "existsSync", "readFileSync")),
  ).toBeUndefined();
  expect(lastLines(vanishing("server.log", "a\nb", "existsSync", "readFileSync"))).toBe("");
});

it("readIfThere treats a file as absent when its folder is now a file", () => {
  writeFileSync(join(folder, "data"), "");
  expect(readIfThere(join(folder, "data", "postmaster.pid"))).toBeUndefined();
});

it("readIfThere reports a file that cannot be read", () => {
  expect(() => readIfThere(folder)).toThrow("EISDIR");
});

it.each(["readdirSync", "statSync"])("boundLogs skips a log removed after %s", (look) => {
  vanishing("logs/gone.log", "long enough", look);
  writeFileSync(join(folder, "logs", "kept.log"), "long enough");
  truncateLargeLogs(join(folder, "logs"), 3);
  expect(readIfThere(join(folder, "logs", "kept.log"))).toBe("");
});

it("boundLogs ignores a removed folder", () => {
  mkdirSync(join(folder, "logs"));
  mockVanishing.set(join(folder, "logs"), ["existsSync"]);
  expect(() => {
    truncateLargeLogs(join(folder, "logs"), 3);
  }).not.toThrow();
});

it("postgresLogEnd skips a log that is rotated away while reading", () => {
  const files = serverFiles(folder);
  vanishing("log/postgresql-1.log", "first", "readdirSync");
  writeFileSync(join(files.logs, "postgresql-2.log"), "second");
  writeFileSync(files.startLog, "start");
  expect(postgresLogExcerpt(files)).toContain("second");
});

it("isRunning is undefined when the data is removed while the pid file is read", () => {
  const { data } = serverFiles(folder);
  const server = spawn("sleep", ["60"], { argv0: "postgres" });
  vanishing("data/postmaster.pid", `${server.pid ?? 0}\n`);
  mockVanishing.set(data, ["realpathSync"]);
  expect(runningPostgres(folder)).toBeUndefined();
  server.kill();
});

it("spawnDetached ignores an output file that another start renames first", async () => {
  const log = vanishing("start.log", "before", "existsSync");
  const start = { command: process.execPath, args: ["-e", ""], cwd: folder, log, user: undefined };
  await expect(spawnDetached(start)).resolves.toBeGreaterThan(0);
});

it("copyFolder skips files and folders that the primary drops during the copy", () => {
  const source = join(folder, "source");
  mkdirSync(join(source, "base", "5"), { recursive: true });
  for (const name of ["listed", "looked-at", "kept"]) writeFileSync(join(source, name), name);
  mockVanishing.set(join(source, "listed"), ["readdirSync"]);
  mockVanishing.set(join(source, "looked-at"), ["lstatSync"]);
  mockVanishing.set(join(source, "base", "5"), ["lstatSync"]);
  const target = join(folder, "target");
  copyFolder(source, target, undefined);
  expect(readIfThere(join(target, "kept"))).toBe("kept");
  expect(readIfThere(join(target, "listed"))).toBeUndefined();
  expect(readIfThere(join(target, "looked-at"))).toBeUndefined();
});

it("server folder removed by another run has no owner and is not found", () => {
  expect(ownerOf(join(folder, "none"))).toBeUndefined();
  const checkout = makeCheckout();
  try {
    const local = join(checkout.root, ".sark", "local");
    mkdirSync(join(local, "sark"), { recursive: true });
    mockVanishing.set(local, ["existsSync", "realpathSync"]);
    expect(existingServerFolder("sark")).toBeUndefined();
    mkdirSync(join(local, "sark"), { recursive: true });
    mockVanishing.set(local, ["readdirSync"]);
    expect(() => {
      removeServerFolder("sark");
    }).not.toThrow();
  } finally {
    checkout.remove();
  }
});

it("state removed by another run is absent, and a lock released by the CLI does not delay the run", async () => {
  const ref = { root: folder, stack: "local" };
  vanishing(".sark/state/embedded/local.json", "{}", "existsSync", "readFileSync");
  expect(State.read(ref)).toBeUndefined();

  writeFileSync(join(folder, "Pulumi.yaml"), "name: sark-databases\n");
  const locks = join(
    ...[folder, ".sark", "state", "pulumi", ".pulumi", "locks", "organization"],
    ...["sark-databases", "local"],
  );
  mkdirSync(locks, { recursive: true });
  mockVanishing.set(locks, ["existsSync"]);
  const said: string[] = [];
  await awaitUnlocked(ref, {
    started: () => undefined,
    finished: () => undefined,
    failed: () => undefined,
    message: (_severity, text) => said.push(text),
  });
  expect(said).toEqual([]);
});
