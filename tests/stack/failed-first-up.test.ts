import * as fs from "node:fs";
import { createServer, type Server } from "node:net";
import * as path from "node:path";
import { sharedFolder } from "../../components/homes/local/processes/paths";
import { HOST } from "../../components/homes/local/processes/ports";
import { StackCopy } from "../../scratch/scratch-stack";

jest.setTimeout(180_000);

let stack: StackCopy;
let holder: Server | undefined;
beforeEach(async () => {
  stack = await StackCopy.make();
});
afterEach(async () => {
  holder?.close();
  holder = undefined;
  await stack.remove();
});

/** A stand-in for PgBouncer that runs the given script. */
function pgbouncerThat(does: string): NodeJS.ProcessEnv {
  const folder = path.join(stack.folder, "bin");
  fs.mkdirSync(folder);
  const program = `#!/bin/sh\n[ "$1" = --version ] && echo "PgBouncer 1.18.0" && exit 0\n${does}\n`;
  fs.writeFileSync(path.join(folder, "pgbouncer"), program, { mode: 0o755 });
  fs.chmodSync(stack.folder, 0o755);
  return { PATH: `${folder}:${process.env["PATH"] ?? ""}` };
}

const parameter = (name: string, value: string) => {
  stack.configure((config) => {
    const sark = config["sark-databases:sark"] as Record<string, unknown>;
    config["sark-databases:sark"] = { ...sark, parameters: { [name]: value } };
  });
  return {};
};

it.each<readonly [string, string, () => NodeJS.ProcessEnv | Promise<NodeJS.ProcessEnv>]>([
  [
    "a migration fails",
    "no_such_table",
    () => {
      const file = path.join(stack.folder, "sql", "sark", "000099_fails.sql");
      fs.writeFileSync(file, "drop table public.no_such_table;\n");
      return {};
    },
  ],
  ["PgBouncer ends while it starts", "exited during start-up", () => pgbouncerThat("exit 3")],
  [
    "PostgreSQL does not start",
    "exited during start-up",
    () => parameter("reserved_connections", "1000"),
  ],
  [
    "the pool's port is taken",
    "is in use by",
    async () => {
      holder = createServer();
      await new Promise<void>((resolve) => holder?.listen(stack.ports.pool, HOST, resolve));
      return {};
    },
  ],
])("destroy leaves nothing after a first up in which %s", async (_what, reason, provoke) => {
  const env = await provoke();
  const up = await stack.withEnvironment(env).run("up", "--yes", "--engine", "embedded");
  expect(up.code).toBe(1);
  expect(up.stdout + up.stderr).toContain(reason);
  await stack.mustRun("destroy", "--yes");
  expect(fs.existsSync(path.join(stack.folder, ".sark", "local"))).toBe(false);
  // The folder for root's servers when their user cannot enter the checkout.
  expect(fs.existsSync(sharedFolder(fs.realpathSync(stack.folder)))).toBe(false);
  expect(fs.readdirSync(path.join(stack.folder, ".sark", "state", "embedded"))).toEqual([]);
});
