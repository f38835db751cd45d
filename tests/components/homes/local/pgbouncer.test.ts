import { existsSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Client, type ClientConfig } from "pg";
import {
  existingServerFolder,
  serverFolder,
} from "../../../../components/homes/local/processes/paths";
import * as processes from "../../../../components/homes/local/processes/pgbouncer";
import { freePort, HOST } from "../../../../components/homes/local/processes/ports";
import { start, stop } from "../../../../components/homes/local/processes/postgres";
import { processState } from "../../../../components/homes/local/processes/process";
import { FakePostgres } from "../../../support/fake-postgres";
import { type Checkout, LocalResource, makeCheckout } from "../../../support/local-home";
import { describeWithPgbouncer } from "../../../support/started-pgbouncer";
import { type ScratchPostgres, startScratchPostgres } from "../../../../scratch/scratch-postgres";

// A module's own exports cannot be spied on; a copy's can.
jest.mock("../../../../components/homes/local/processes/pgbouncer", () => ({
  __esModule: true,
  ...jest.requireActual<object>("../../../../components/homes/local/processes/pgbouncer"),
}));

jest.setTimeout(60_000);

const STATS = { name: "pool_stats", secret: "stats 'password\"" };

let checkout: Checkout;
let pool: LocalResource;
let inputs: Record<string, unknown>;

beforeEach(async () => {
  checkout = makeCheckout();
  pool = new LocalResource("local:PgBouncer");
  inputs = {
    directory: "pool",
    port: await freePort(),
    databases: {},
    pgbouncer: { max_client_conn: 100, stats_users: STATS.name },
    userlist: [STATS],
  };
});

afterEach(async () => {
  jest.restoreAllMocks();
  await pool.delete();
  checkout.remove();
});

describeWithPgbouncer("PgBouncer", () => {
  let server: ScratchPostgres;

  beforeAll(async () => {
    server = await startScratchPostgres();
  });

  afterAll(async () => {
    await server.stop();
  });

  it("serves its entries, is unchanged by a second up, and is gone when deleted", async () => {
    inputs = withDatabase("sark");
    await pool.up(inputs);
    expect(pool.outputs).toMatchObject({
      host: HOST,
      running: true,
      version: processes.findPgBouncer()?.version,
    });
    expect(await query("sark", "select current_database() as name")).toEqual([
      { name: "postgres" },
    ]);
    expect(await pool.up(inputs)).toBe("same");

    const pid = processes.runningPgBouncer(folder())?.pid ?? 0;
    await pool.delete();
    expect(pid).toBeGreaterThan(0);
    expect(processState(pid)).toBeUndefined();
    expect(existsSync(join(checkout.root, ".sark", "local"))).toBe(false);
  });

  it("refuses a wrong and a missing password", async () => {
    inputs = withDatabase("sark");
    await pool.up(inputs);
    await expect(query("sark", "select 1", "wrong")).rejects.toThrow(/SASL authentication failed/);
    await expect(query("sark", "select 1", "")).rejects.toThrow(/password/);
  });

  it("reloads for a changed setting or entry, and keeps its clients", async () => {
    inputs = withDatabase("sark");
    await pool.up(inputs);
    const pid = processes.runningPgBouncer(folder())?.pid;
    const client = connection("sark");
    await client.connect();
    inputs = withDatabase("sark", "other");
    inputs = { ...inputs, pgbouncer: { ...settings(), default_pool_size: 7 } };
    expect(await pool.up(inputs)).toBe("update");
    expect(processes.runningPgBouncer(folder())?.pid).toBe(pid);
    expect((await client.query<object>("select 1 as one")).rows).toEqual([{ one: 1 }]);
    await client.end();
    expect(await query("other", "select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("restarts for a change that a reload cannot apply", async () => {
    await pool.up(inputs);
    const pid = processes.runningPgBouncer(folder())?.pid;
    inputs = { ...inputs, pgbouncer: { ...settings(), pkt_buf: 8192 } };
    await pool.up(inputs);
    const second = processes.runningPgBouncer(folder())?.pid;
    expect(second).not.toBe(pid);
    inputs = { ...inputs, port: await freePort() };
    await pool.up(inputs);
    expect(processes.runningPgBouncer(folder())?.pid).not.toBe(second);
    expect(await pool.up(inputs)).toBe("same");
  });

  it("is started again after a kill, and after a signal has stopped it", async () => {
    await pool.up(inputs);
    for (const [signal, starts] of [
      ["SIGKILL", 2],
      ["SIGSTOP", 3],
    ] as const) {
      const pid = processes.runningPgBouncer(folder())?.pid ?? 0;
      process.kill(pid, signal);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect((await pool.preview(inputs)).checked).toMatchObject({ starts });
      expect(await pool.up(inputs)).toBe("update");
      expect(processState(pid)).toBeUndefined();
      expect(await pool.up(inputs)).toBe("same");
    }
  });

  it("keeps secrets in files that only its user can read", async () => {
    await pool.up(inputs);
    const { ini, userlist } = processes.pgbouncerFiles(folder());
    for (const file of [ini, userlist]) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(userlist, "utf8")).toContain("stats 'password");
    const pid = processes.runningPgBouncer(folder())?.pid ?? 0;
    expect(processState(pid)?.command).toMatch(/pgbouncer \S+pgbouncer\.ini$/);
  });

  it("has enough open files for all of its clients", async () => {
    inputs = { ...inputs, pgbouncer: { ...settings(), max_client_conn: 3000 }, openFiles: 256 };
    await pool.up(inputs);
    const pid = processes.runningPgBouncer(folder())?.pid ?? 0;
    if (existsSync("/proc/self/limits")) {
      const limits = readFileSync(`/proc/${pid}/limits`, "utf8");
      expect(Number(/Max open files\s+(\d+)/.exec(limits)?.[1])).toBeGreaterThanOrEqual(3000);
    }
  });

  it("refuses an invalid setting in the preview, and reports settings that its version lacks", async () => {
    const good = settings();
    inputs = { ...inputs, pgbouncer: { ...good, job_name: "a\nb" } };
    expect(await pool.failures(inputs)).toEqual([expect.stringContaining("job_name")]);
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    inputs = { ...inputs, pgbouncer: good, databases: { sark: { port: unknown }, audit: unknown } };
    expect(await pool.failures(inputs)).toEqual([]);

    const path = processes.findPgBouncer()?.path ?? "";
    jest.spyOn(processes, "findPgBouncer").mockReturnValue({ path, version: "1.18.0" });
    inputs = { ...inputs, databases: {}, pgbouncer: { ...good, max_prepared_statements: 50 } };
    await pool.up(inputs);
    expect(pool.outputs).toMatchObject({
      leftOut: ["pgbouncer.max_prepared_statements (from 1.21)"],
    });
  });

  describe("after its server was down", () => {
    let own: ScratchPostgres;

    beforeEach(async () => {
      own = await startScratchPostgres();
      await withClient(own, async (client) => {
        await client.query("create role looks_up login password 'look-up-1'");
        await client.query("create role app login password 'app-1'");
        await client.query(
          "create function look_up(name text) returns table (usename name, passwd text) language sql " +
            "security definer as 'select rolname, rolpassword from pg_authid where rolname = name'",
        );
      });
      const { host, port } = own;
      const entry = {
        host,
        port,
        dbname: "postgres",
        max_db_connections: 5,
        auth_user: "looks_up",
      };
      inputs = {
        ...inputs,
        databases: { sark: entry },
        pgbouncer: {
          ...settings(),
          query_wait_timeout: 2,
          auth_query: "select usename, passwd from look_up($1)",
        },
        userlist: [STATS, { name: "looks_up", secret: "look-up-1" }],
        clients: [{ database: "sark", user: "app", password: "app-1" }],
      };
      await pool.up(inputs);
    });

    afterEach(() => own.stop());

    const APP = { user: "app", password: "app-1" };
    const ask = (login = APP) =>
      withClient(
        { host: HOST, port: Number(inputs["port"]), ...login, database: "sark" },
        (client) => client.query<object>("select 1 as one"),
      ).then(({ rows }) => rows);

    it.each([
      ["a changed setting", () => ({ default_pool_size: 7 }), "update"],
      ["nothing changed", () => ({}), "same"],
      ["a setting that restarts it", () => ({ pkt_buf: 8192 }), "update"],
    ] as const)("serves when `up` returns, with %s", async (_what, change, operation) => {
      expect(await ask()).toEqual([{ one: 1 }]);
      await stop(own.folder);
      await expect(ask()).rejects.toThrow();
      await expect(ask()).rejects.toThrow();
      await start(own.folder);
      inputs = { ...inputs, pgbouncer: { ...settings(), ...change() } };
      expect(await pool.up(inputs)).toBe(operation);
      expect(await ask()).toEqual([{ one: 1 }]);
    });

    it("serves when `up` returns, although a client's query failed while the server was down", async () => {
      await withClient(
        { host: HOST, port: Number(inputs["port"]), ...APP, database: "sark" },
        async (client) => {
          await client.query("select 1");
          await stop(own.folder);
          await expect(client.query("select 2")).rejects.toThrow();
        },
      );
      await start(own.folder);
      expect(await pool.up(inputs)).toBe("same");
      expect(await ask()).toEqual([{ one: 1 }]);
    });

    it("fails with PgBouncer's reason if it cannot log in to the server", async () => {
      const [first, looksUp] = inputs["userlist"] as object[];
      const userlist = [first, { ...looksUp, secret: "wrong-1" }];
      inputs = { ...inputs, userlist, pgbouncer: { ...settings(), pkt_buf: 8192 } };
      await expect(pool.up(inputs)).rejects.toThrow(
        /refuses clients \(\w+ at sark: .*password authentication failed/s,
      );
    });
  });

  describe("to a local server", () => {
    let own: ScratchPostgres;
    let stranger: FakePostgres | undefined;

    beforeEach(async () => {
      own = await startScratchPostgres();
    });

    afterEach(async () => {
      await stranger?.stop();
      stranger = undefined;
      await own.stop();
    });

    /** @param socket name of a folder that leads to the server's */
    function throughSocket(socket: string): void {
      const { host, port, user, password } = own;
      symlinkSync(own.folder, serverFolder(socket));
      inputs = {
        ...inputs,
        databases: { sark: { host, port, socket, dbname: "postgres", max_db_connections: 5 } },
        userlist: [STATS, { name: user, secret: password }],
      };
    }

    it("connects by the Unix socket, so that another process on the port gets no password", async () => {
      throughSocket("sark");
      await pool.up(inputs);
      const where = "select inet_server_addr() as address";
      expect(await query("sark", where, own.password)).toEqual([{ address: null }]);
      expect(await pool.up(inputs)).toBe("same");

      await stop(own.folder);
      stranger = await FakePostgres.start("cleartext", { port: own.port });
      await expect(query("sark", where, own.password)).rejects.toThrow();
      expect(stranger.heard).toBe("");
    });

    it("connects by the port if the folder's path is too long for a socket", async () => {
      throughSocket("s".repeat(63));
      await pool.up(inputs);
      const where = "select host(inet_server_addr()) as address";
      expect(await query("sark", where, own.password)).toEqual([{ address: HOST }]);
    });
  });

  function withDatabase(...names: string[]): Record<string, unknown> {
    const { port, user, password } = server;
    const entry = { host: HOST, port, dbname: "postgres", max_db_connections: 5 };
    return {
      ...inputs,
      databases: Object.fromEntries(names.map((name) => [name, entry])),
      userlist: [STATS, { name: user, secret: password }],
    };
  }

  function connection(database: string, password = server.password): Client {
    const port = Number(inputs["port"]);
    return new Client({ host: HOST, port, user: server.user, password, database });
  }

  async function query(database: string, sql: string, password?: string): Promise<object[]> {
    const client = connection(database, password);
    await client.connect();
    try {
      return (await client.query<object>(sql)).rows;
    } finally {
      await client.end();
    }
  }
});

describe("a machine without PgBouncer", () => {
  const ci = process.env["CI"];

  beforeEach(() => {
    jest.spyOn(processes, "findPgBouncer").mockReturnValue(undefined);
    delete process.env["CI"];
  });

  afterEach(() => {
    if (ci === undefined) delete process.env["CI"];
    else process.env["CI"] = ci;
  });

  it("has a stack without a pool, which a second up does not change", async () => {
    expect(await pool.up(inputs)).toBe("create");
    expect(pool.outputs).toMatchObject({ running: false, version: "", leftOut: [] });
    expect(pool.outputs?.["reason"]).toMatch(/apt-get install pgbouncer/);
    expect(await pool.up(inputs)).toBe("same");
  });

  it("fails in CI, already in the preview", async () => {
    process.env["CI"] = "true";
    expect(await pool.failures(inputs)).toEqual([expect.stringMatching(/apt-get install/)]);
  });

  it("shows a change once PgBouncer is installed", async () => {
    await pool.up(inputs);
    jest
      .spyOn(processes, "findPgBouncer")
      .mockReturnValue({ path: "/usr/sbin/pgbouncer", version: "1.18.0" });
    expect((await pool.preview(inputs)).operation).toBe("update");
  });
});

describe("PgBouncer's limit of open files", () => {
  it("is the wanted or the needed number, or what the machine allows if that is enough", () => {
    expect(processes.openFileLimit(4096, 1000, 65_536)).toBe(4096);
    expect(processes.openFileLimit(4096, 8000, 65_536)).toBe(8000);
    expect(processes.openFileLimit(4096, 1000, 2048)).toBe(2048);
  });

  it("is refused below what is needed, with both numbers", () => {
    expect(() => processes.openFileLimit(4096, 3000, 1024)).toThrow(/needs 3000.*allows 1024/);
  });
});

async function withClient<T>(
  config: ClientConfig,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const { host, port, user, password, database } = config;
  const client = new Client({ host, port, user, password, database });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

const settings = () => inputs["pgbouncer"] as Record<string, unknown>;
const folder = () => existingServerFolder("pool") ?? "";
