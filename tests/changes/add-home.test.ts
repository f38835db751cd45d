/** Follows docs/homes.md in a copy of the project: adds the files of a fourth home, and a stack that uses it. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Client } from "pg";
import type { Plan } from "../../engine/engine";
import { migrationFiles } from "../../scratch/migrated";
import { type ScratchPostgres, startScratchPostgres } from "../../scratch/scratch-postgres";
import { StackCopy } from "../../scratch/scratch-stack";

jest.setTimeout(240_000);

const REGISTRY = "components/homes/plan/registry.ts";

let stack: StackCopy;
let server: ScratchPostgres;
let files: readonly (readonly [path: string, text: string])[];

beforeAll(async () => {
  server = await startScratchPostgres({ preload: ["pg_stat_statements"] });
  await asSuperuser("postgres", "create database sark");
  stack = await StackCopy.make();
  const page = readFileSync(join(stack.folder, "docs/homes.md"), "utf8");
  files = [...page.matchAll(/\n`(components\S+)`:\n\n```ts\n([^]+?)```/g)].map(
    ([, path = "", text = ""]) => [path, text],
  );
  for (const [path, text] of files) {
    const file = join(stack.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const [, line = ""] = /\n```ts\n(\s+hosted: .*\n)```/.exec(page) ?? [];
  const registry = join(stack.folder, REGISTRY);
  const text = readFileSync(registry, "utf8").replace(/HOMES: .* = \{\n/, `$&${line}`);
  writeFileSync(registry, `import { hostedHome } from "../hosted/plan/home-hosted";\n${text}`);
  configureServer(server.host);
});
afterAll(async () => {
  await stack.remove();
  await server.stop();
});

function configureServer(host: string, more: object = {}): void {
  stack.configure((config) => {
    config["sark-databases:sark"] = {
      home: "hosted",
      server: { host, port: server.port },
      ...more,
    };
    config["sark-databases:hostedPassword"] = server.password;
  });
}

async function asSuperuser(database: string, sql: string): Promise<readonly unknown[]> {
  const { host, port, user, password } = server;
  const client = new Client({ host, port, user, password, database });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

it("a new home takes fewer than 120 lines in its own directory, and they compile", () => {
  expect(files.map(([path]) => path.startsWith("components/homes/hosted/"))).toEqual([true, true]);
  expect(files.flatMap(([, text]) => text.trimEnd().split("\n")).length).toBeLessThan(120);
  const sources = ["index.ts", "cli", "components", "engine"];
  const { stdout, status } = spawnSync("node_modules/.bin/oxlint", sources, { cwd: stack.folder });
  expect([stdout.toString(), status]).toEqual([expect.stringContaining("0 errors"), 0]);
});

it("a new home gets its keys into docs/settings.md, and refuses the keys of other homes", async () => {
  await stack.mustRun("generate", "settings");
  const page = readFileSync(join(stack.folder, "docs/settings.md"), "utf8");
  // On one line, because the page wraps.
  const settings = page.replace(/\s+/g, " ");
  expect(settings).toMatch(/\| \[`sark\.server\.port`\]\(#sarkserverport\) \(hosted\) \| a whole /);
  expect(settings).toContain(
    "### `sark.server.port` TCP port. **Homes:** hosted. **Allowed:** a whole ",
  );
  expect(settings).toContain(
    "| [`sark.home`](#sarkhome) | one of hosted, local, aws, kubernetes |",
  );
  expect(settings).toContain("`hostedPassword`");
  expect(settings).toContain("not hosted: a hosted PostgreSQL has no timescaledb extension");
  configureServer(server.host, { instances: 3 });
  const { code, stdout, stderr } = await stack.run("preview", "--engine", "embedded");
  expect(code).toBe(1);
  expect(stdout + stderr).toContain(
    "sark-databases:sark.instances: got a key of another home; allowed: nothing, unless sark.home is kubernetes",
  );
  configureServer(server.host);
});

it("a new home supports preview, up, status, a warning about data loss, and destroy", async () => {
  const preview = await stack.mustRun("preview", "--json", "--engine", "embedded");
  const { resources } = JSON.parse(preview.stdout) as Plan;
  expect(resources.map(({ type }) => type)).toContain("sark:hosted:HostedPostgres");

  const { stdout: up } = await stack.mustRun("up", "--yes", "--engine", "embedded");
  expect(up).not.toContain(server.password);
  expect(up).toContain(`sark        PostgreSQL on ${server.host}:${String(server.port)}, `);
  await stack.mustRun("up", "--yes", "--expect-no-changes");
  const { rows } = await stack.withLogin("sark_readonly", (client) =>
    client.query("select inet_server_port() as port"),
  );
  expect(rows).toEqual([{ port: server.port }]);

  const { stdout: status } = await stack.mustRun("status");
  expect(status).toContain("limits  ");
  expect(status).toContain(" its parameters, backups and replicas are not this stack's");
  expect(status).toContain("All healthy.");

  configureServer("localhost");
  const { stdout: moved } = await stack.mustRun("preview");
  expect(moved).toMatch(/sark-server\n.*keepers\.server: .*\n.*replaced: its data is lost/);
  expect(moved).toMatch(/home +hosted +local/);

  configureServer(server.host);
  const { stdout: gone } = await stack.mustRun("destroy", "--yes");
  expect(gone).toMatch(
    /Kept, but no longer managed by the stack:\n +the database sark with its data/,
  );
  expect(
    await asSuperuser("sark", "select count(*)::int as n from sark_migrations.applied"),
  ).toEqual([{ n: migrationFiles("sark").length }]);
});
