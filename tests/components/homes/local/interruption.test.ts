import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";
import { Client } from "pg";
import { freePort, HOST } from "../../../../components/homes/local/processes/ports";
import {
  type Checkout,
  installTimescale,
  LocalResource,
  makeCheckout,
} from "../../../support/local-home";

jest.setTimeout(60_000);

const ROOT = join(__dirname, "../../../..");

let checkout: Checkout;

beforeEach(() => {
  checkout = makeCheckout();
  installTimescale(checkout);
});

afterEach(() => {
  checkout.remove();
});

// Killed at moments from the first files to a nearly complete server; no remains may block the next command.
it.each([300, 700, 1200])(
  "the next command completes the servers of one that was killed after %d ms",
  async (milliseconds) => {
    const servers = await inputs();
    const script = buildScript(servers);
    const child = spawn(process.execPath, [script], {
      env: { PATH: process.env["PATH"], SARK_ROOT: checkout.root },
      stdio: "ignore",
    });
    const ended = once(child, "close");
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    child.kill("SIGKILL");
    await ended;

    const postgres = new LocalResource("local:PostgresServer");
    const timescale = new LocalResource("local:TimescaleServer");
    await Promise.all([postgres.up(servers.postgres), timescale.up(servers.timescale)]);
    expect(await postgres.up(servers.postgres)).toBe("same");
    expect(await timescale.up(servers.timescale)).toBe("same");
    const { postgres: sark } = servers;
    expect(await database(sark.port, sark.adminPassword, "sark")).toBe("sark");
    const { timescale: audit } = servers;
    expect(await database(audit.port, audit.adminPassword, "sark_audit")).toBe("sark_audit");
    await Promise.all([postgres.delete(), timescale.delete()]);
    expect(checkout.contents()).toEqual([]);
  },
);

async function inputs() {
  return {
    postgres: {
      directory: "sark",
      port: await freePort(),
      database: "sark",
      majorVersion: 18,
      adminUser: "postgres",
      adminPassword: "admin-password",
      replicationUser: "sark_replication",
      replicationPassword: "replica-password",
      preload: [],
      parameters: { restart: { fsync: "off" }, reload: {} },
    },
    timescale: {
      ...{ directory: "sark_audit", port: await freePort(), database: "sark_audit" },
      ...{ adminPassword: "of-this-test-alone", patience: {} },
    },
  };
}

/** The first step of a command: it creates both servers. */
function buildScript(servers: Awaited<ReturnType<typeof inputs>>): string {
  const outfile = join(checkout.root, ".sark", "build", "up.js");
  buildSync({
    stdin: {
      contents: `
        import { LocalResource } from "./tests/support/local-home";
        const servers = ${JSON.stringify(servers)};
        new LocalResource("local:PostgresServer").up(servers.postgres);
        new LocalResource("local:TimescaleServer").up(servers.timescale);`,
      resolveDir: ROOT,
    },
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    logLevel: "silent",
  });
  return join(dirname(outfile), "up.js");
}

async function database(port: number, password: string, name: string): Promise<unknown> {
  const client = new Client({ host: HOST, port, user: "postgres", password, database: name });
  await client.connect();
  const { rows } = await client.query<{ name: string }>("select current_database() as name");
  await client.end();
  return rows[0]?.name;
}
