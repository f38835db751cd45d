/**
 * Files of PostgreSQL, PgBouncer and the Pulumi CLI that vanish between a look and the use of what was seen. Here a file
 * vanishes after a look at it, or just before it is read.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  boundLogs,
  lastLines,
  readIfThere,
} from "../../../components/homes/local/processes/private-files";
import {
  existingServerFolder,
  removeServerFolder,
} from "../../../components/homes/local/processes/paths";
import { isRunning } from "../../../components/homes/local/processes/postgres";
import { serverFiles } from "../../../components/homes/local/processes/postgres-files";
import { copyFolder } from "../../../components/homes/local/processes/postgres-clone";
import { postgresLogEnd } from "../../../components/homes/local/processes/postgres-log";
import { spawnDetached } from "../../../components/homes/local/processes/process";
import { ownerOf } from "../../../components/homes/local/processes/service-user";
import { State } from "../../../engine/embedded/state";
import { awaitUnlocked } from "../../../engine/pulumi/pulumi-lock";
import { makeCheckout } from "../../support/local-home";

/** Paths that vanish, with the functions whose call makes them do so. */
const mockVanishing = new Map<string, readonly string[]>();

jest.mock("node:fs", () => {
  const actual = jest.requireActual<typeof import("node:fs")>("node:fs");
  const uses = ["readFileSync", "realpathSync"] as const;
  const looks = ["existsSync", "statSync", "lstatSync", "readdirSync"] as const;
  const vanish = (look: string, path: unknown): void => {
    for (const [file, by] of mockVanishing) {
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
  return { ...actual, ...(Object.fromEntries(wrapped) as object) };
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sark-vanishing-"));
});
afterEach(() => {
  mockVanishing.clear();
  rmSync(folder, { recursive: true, force: true });
});

/** A file that is gone once it was looked at. */
function vanishing(name: string, text: string, ...looks: readonly string[]): string {
  const file = join(folder, name);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
  mockVanishing.set(file, looks);
  return file;
}

it("a file that is removed before it is read is taken for absent", () => {
  expect(
    readIfThere(vanishing("postmaster.pid", "1", "existsSync", "readFileSync")),
  ).toBeUndefined();
  expect(lastLines(vanishing("server.log", "a\nb", "existsSync", "readFileSync"))).toBe("");
});

it("a file whose folder is a file by now is taken for absent", () => {
  writeFileSync(join(folder, "data"), "");
  expect(readIfThere(join(folder, "data", "postmaster.pid"))).toBeUndefined();
});

it("a file that cannot be read is not taken for absent", () => {
  expect(() => readIfThere(folder)).toThrow("EISDIR");
});

it.each(["readdirSync", "statSync"])("a log that is removed after %s is not emptied", (look) => {
  vanishing("logs/gone.log", "long enough", look);
  writeFileSync(join(folder, "logs", "kept.log"), "long enough");
  boundLogs(join(folder, "logs"), 3);
  expect(readIfThere(join(folder, "logs", "kept.log"))).toBe("");
});

it("a folder of logs that is removed is no error", () => {
  mkdirSync(join(folder, "logs"));
  mockVanishing.set(join(folder, "logs"), ["existsSync"]);
  expect(() => {
    boundLogs(join(folder, "logs"), 3);
  }).not.toThrow();
});

it("a server's log that is rotated away while its end is read is left out", () => {
  const files = serverFiles(folder);
  vanishing("log/postgresql-1.log", "first", "readdirSync");
  writeFileSync(join(files.logs, "postgresql-2.log"), "second");
  writeFileSync(files.startLog, "start");
  expect(postgresLogEnd(files)).toContain("second");
});

it("a server whose data is removed while its pid file is read does not run", () => {
  const { data } = serverFiles(folder);
  const server = spawn("sleep", ["60"], { argv0: "postgres" });
  vanishing("data/postmaster.pid", `${server.pid ?? 0}\n`);
  mockVanishing.set(data, ["realpathSync"]);
  expect(isRunning(folder)).toBeUndefined();
  server.kill();
});

it("an output file that another start renames first is no error", async () => {
  const log = vanishing("start.log", "before", "existsSync");
  const start = { command: process.execPath, args: ["-e", ""], cwd: folder, log, user: undefined };
  await expect(spawnDetached(start)).resolves.toBeGreaterThan(0);
});

it("files and folders that the primary drops while they are copied are left out", () => {
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

it("a folder that another run removes has no owner and is not found", () => {
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

it("a state that another run removes is none, and a lock that the CLI releases holds nobody up", async () => {
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
