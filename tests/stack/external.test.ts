import { Client } from "pg";
import { migrationFiles } from "../support/migrated";
import { StackCopy } from "../support/stack";
import { startScratchTimescale, type ScratchTimescale } from "../support/timescale";

jest.setTimeout(120_000);

let stack: StackCopy;
let server: ScratchTimescale;
beforeAll(async () => {
  server = await startScratchTimescale();
  stack = await StackCopy.make();
  stack.configure((config) => {
    config["sark-databases:audit"] = {
      home: "local",
      external: { host: server.host, port: server.port, user: server.user, sslMode: "disable" },
    };
    config["sark-databases:sark"] = { home: "local", replicas: 0 };
    config["sark-databases:pool"] = { enabled: false };
    config["sark-databases:application"] = { pods: 1, tier: "low" };
  });
});
afterAll(async () => {
  await stack.remove();
  await server.stop();
});

it("asks for the password of a server that exists, by the name of its setting", async () => {
  const { code, stdout, stderr } = await stack.run("preview", "--engine", "embedded");
  expect(code).toBe(1);
  expect(stdout + stderr).toContain("sark-databases:auditPassword");
});

it("makes roles and schema on it, and leaves them there when the stack goes", async () => {
  stack.configure((config) => {
    config["sark-databases:auditPassword"] = server.password;
  });
  const { stdout } = await stack.mustRun("up", "--yes", "--engine", "embedded");
  expect(stdout).not.toContain(server.password);
  expect(await stack.run("up", "--yes", "--expect-no-changes")).toMatchObject({ code: 0 });

  await stack.mustRun("destroy", "--yes");
  const client = new Client({ connectionString: server.connectionString });
  await client.connect();
  try {
    const { rows } = await client.query(
      "select count(*)::int as files from sark_migrations.applied",
    );
    expect(rows).toEqual([{ files: migrationFiles("sark_audit").length }]);
  } finally {
    await client.end();
  }
});
