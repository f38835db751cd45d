import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { Client } from "pg";
import { hostAndPort } from "../../../components/text/address";
import { migrationFiles } from "../../../scratch/migrated";
import { StackCopy } from "../../../scratch/scratch-stack";
import { startScratchTimescale, type ScratchTimescale } from "../../../scratch/scratch-timescale";

jest.setTimeout(120_000);

let stack: StackCopy;
let server: ScratchTimescale;
/** The server as reached over IPv6, where this machine has IPv6. */
const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
const host = addresses.some(({ address }) => address === "::1") ? "::1" : "127.0.0.1";
const way = createServer((client) => {
  const upstream = connect(server.port, server.host);
  client.pipe(upstream).pipe(client);
  client.on("error", () => upstream.destroy());
  upstream.on("error", () => client.destroy());
});
let port: number;

beforeAll(async () => {
  server = await startScratchTimescale();
  await once(way.listen(0, host), "listening");
  port = (way.address() as AddressInfo).port;
  stack = await StackCopy.make();
  stack.configure((config) => {
    config["sark-databases:audit"] = {
      home: "local",
      external: { host, port, user: server.user, sslMode: "disable" },
    };
    config["sark-databases:sark"] = { home: "local", replicas: 0 };
    config["sark-databases:pool"] = { enabled: false };
    config["sark-databases:application"] = { pods: 1, tier: "low" };
  });
});
afterAll(async () => {
  await stack.remove();
  way.close();
  await server.stop();
});

it("a stack on an external server asks for its password by the name of the setting", async () => {
  const { code, stdout, stderr } = await stack.run("preview", "--engine", "embedded");
  expect(code).toBe(1);
  expect(stdout + stderr).toContain("sark-databases:auditPassword");
});

it("a stack on an external server creates roles and schema there, and destroy keeps them", async () => {
  stack.configure((config) => {
    config["sark-databases:auditPassword"] = server.password;
  });
  const { stdout } = await stack.mustRun("up", "--yes", "--engine", "embedded");
  expect(stdout).not.toContain(server.password);
  expect(stdout).toContain(`TimescaleDB on ${hostAndPort(host, port)}`);
  expect(await stack.run("up", "--yes", "--expect-no-changes")).toMatchObject({ code: 0 });

  const url = (await stack.mustRun("secret", "sark_audit_readonly", "--url")).stdout.trim();
  expect(url).toContain(`@${hostAndPort(host, port)}/sark_audit?sslmode=disable`);
  const name = await stack.withLogin("sark_audit_readonly", (client) =>
    client.query("select current_database() as name"),
  );
  expect(name.rows).toEqual([{ name: "sark_audit" }]);

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
