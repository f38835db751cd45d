import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { once } from "node:events";
import { connect, Socket } from "node:net";
import { join } from "node:path";
import { Client } from "pg";
import { existingServerFolder } from "../../../../components/homes/local/processes/paths";
import { freePort, HOST } from "../../../../components/homes/local/processes/ports";
import { processState, waitUntil } from "../../../../components/homes/local/processes/process";
import { serviceUser } from "../../../../components/homes/local/processes/service-user";
import { runningTimescale } from "../../../../components/homes/local/timescale/server-process";
import {
  type Checkout,
  installTimescale,
  LocalResource,
  makeCheckout,
} from "../../../support/local-home";

jest.setTimeout(60_000);

type Row = Record<string, unknown>;

/** Password of every login. */
const PASSWORD = "of-this-test-alone";

let checkout: Checkout;
let server: LocalResource;
let inputs: Record<string, unknown>;
/** The search path of the very first session. */
let firstPath: unknown;

beforeAll(async () => {
  checkout = makeCheckout();
  installTimescale(checkout);
  server = new LocalResource("local:TimescaleServer");
  inputs = {
    ...{ directory: "sark_audit", port: await freePort(), database: "sark_audit" },
    ...{ adminPassword: PASSWORD, patience: { postgres: 3 } },
  };
  await server.up(inputs);
  firstPath = (await query("show search_path"))[0]?.["search_path"];
  await query("create extension timescaledb");
  await query("create extension pg_trgm");
  await query("create table events (time timestamptz not null, text text)");
  await query("select create_hypertable('events', 'time')");
});

afterAll(async () => {
  await server.delete();
  checkout.remove();
});

describe("a new embedded TimescaleDB server", () => {
  it("is PostgreSQL with TimescaleDB, and outputs its system identifier", async () => {
    expect(server.outputs).toMatchObject({
      host: HOST,
      systemIdentifier: (
        await query("select system_identifier::text as id from pg_control_system()")
      )[0]?.["id"],
      serverVersion: expect.stringMatching(/^17\./) as unknown,
      timescaledbVersion: expect.stringMatching(/^2\./) as unknown,
    });
  });

  it("is unchanged by a second up", async () => {
    expect(await server.up(inputs)).toBe("same");
  });

  it("runs detached, as the service user and never as root", () => {
    const pid = runningTimescale(folder())?.pid ?? 0;
    const ps = spawnSync("ps", ["-o", "uid=,sess=", "-p", String(pid)], { encoding: "utf8" });
    const uid = serviceUser()?.uid ?? process.getuid?.();
    expect(uid).not.toBe(0);
    expect(ps.stdout.trim().split(/\s+/)).toEqual([String(uid), String(pid)]);
  });
});

describe("the settings of a session of the embedded TimescaleDB", () => {
  it("are those of a server, not of the engine's set-up", async () => {
    const expected = {
      search_path: '"$user", public',
      enable_seqscan: "on",
      allow_system_table_mods: "off",
      client_min_messages: "notice",
    };
    expect(firstPath).toBe(expected.search_path);
    await withClient({}, async (client) => {
      for (const statement of ["select 1", "discard all", "reset all", "reset search_path"]) {
        await client.query(statement);
        for (const [name, value] of Object.entries(expected)) {
          const { rows } = await client.query<Row>(`show ${name}`);
          expect([statement, rows]).toEqual([statement, [{ [name]: value }]]);
        }
      }
    });
  });

  it("can be given in the start-up message", async () => {
    const options = "-c work_mem=5MB -csearch_path=a,\\ b --enable-seqscan=off";
    await withClient({ options, application_name: "reporter" }, async (client) => {
      const { rows } = await client.query<Row>(
        `select current_setting('work_mem') as memory, current_setting('search_path') as path,
                current_setting('enable_seqscan') as scan, current_setting('application_name') as name`,
      );
      expect(rows).toEqual([{ memory: "5MB", path: "a, b", scan: "off", name: "reporter" }]);
    });
  });
});

describe("a role of the embedded TimescaleDB", () => {
  beforeAll(async () => {
    await query(`create role writer login password '${PASSWORD}'`);
    await query(`create role group_only nologin password '${PASSWORD}'`);
    await query("alter role writer set statement_timeout = '7s'");
    await query("grant insert on events to writer");
  });

  it("has its own privileges and settings, and keeps them after DISCARD ALL", async () => {
    await withClient({ user: "writer" }, async (client) => {
      for (const statement of ["select 1", "discard all"]) {
        await client.query(statement);
        const { rows } = await client.query<Row>(
          "select current_user::text as name, current_setting('statement_timeout') as timeout",
        );
        expect(rows).toEqual([{ name: "writer", timeout: "7s" }]);
      }
      await client.query("insert into events values (now(), 'by writer')");
      await expect(client.query("select * from events")).rejects.toMatchObject({ code: "42501" });
    });
  });

  it("is refused if it does not exist, may not log in or wants another database", async () => {
    await expect(query("select 1", { user: "nobody" })).rejects.toMatchObject({ code: "28P01" });
    await expect(query("select 1", { user: "group_only" })).rejects.toMatchObject({
      code: "28000",
    });
    await expect(query("select 1", { database: "postgres" })).rejects.toMatchObject({
      code: "3D000",
    });
  });
});

describe("the one session of the embedded TimescaleDB", () => {
  it("leaves nothing to the next client: transaction, role, settings, locks, tables, plans", async () => {
    await withClient({}, async (client) => {
      await client.query("create temporary table mine (n int)");
      await client.query("prepare plan as select 1");
      await client.query("set work_mem = '7MB'");
      await client.query("select pg_advisory_lock(42)");
      await client.query("set role writer");
      await client.query("begin");
      await client.query("select 1/0").catch(() => undefined);
    });
    const [row] = await query(
      `select current_user::text as name, current_setting('work_mem') as memory,
              (select count(*)::int from pg_locks where locktype = 'advisory') as locks,
              (select count(*)::int from pg_prepared_statements) as plans,
              (select count(*)::int from pg_class where relname = 'mine') as tables`,
    );
    expect(row).toEqual({ name: "postgres", memory: "4MB", locks: 0, plans: 0, tables: 0 });
  });

  it("goes to clients in the order in which they logged in", async () => {
    const order: number[] = [];
    const waiting: Promise<void>[] = [];
    await withClient({}, async (holder) => {
      for (const n of [1, 2, 3, 4]) {
        waiting.push(withClient({}, () => Promise.resolve(order.push(n)).then(() => undefined)));
        // Longer than a log-in takes.
        await holder.query("select 1");
        await waitUntil(() => false, 200);
      }
    });
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3, 4]);
  });

  it("is not blocked by clients that disconnect before or during their turn", async () => {
    await withClient({}, async (client) => {
      const queued = [new Socket(), new Socket(), new Socket()];
      for (const stream of queued)
        clientOf({ stream })
          .connect()
          .catch(() => undefined);
      // Each has authenticated by then, and waits.
      await client.query("select pg_sleep(0.5)");
      await waitUntil(() => false, 500);
      queued[0]?.resetAndDestroy();
      queued[1]?.destroy();
      queued[2]?.end();
    });
    const half = connect({ host: HOST, port: Number(inputs["port"]) });
    half.write(Buffer.from([0, 0, 0, 60, 0, 3]));
    const holder = new Socket();
    await clientOf({ stream: holder }).connect();
    holder.write(Buffer.from("Q\0\0\0\xffselect"));
    holder.resetAndDestroy();
    expect(await query("select 1 as one")).toEqual([{ one: 1 }]);
    half.destroy();
  });
});

describe("the socket server of the embedded TimescaleDB", () => {
  it("assembles messages from packets of one byte, and declines encryption", async () => {
    const client = clientOf({ stream: new ByteByByte() });
    await client.connect();
    expect((await client.query<Row>("select 'in pieces' as text")).rows).toEqual([
      { text: "in pieces" },
    ]);
    await client.end();
    const tls = connect({ host: HOST, port: Number(inputs["port"]) });
    tls.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
    const [answer] = (await once(tls, "data")) as [Buffer];
    expect(answer.toString()).toBe("N");
    tls.destroy();
  });

  it("supports pipelining, and skips to the next Sync after an error", async () => {
    await withClient({ pipeline: true }, async (client) => {
      const results = await Promise.allSettled([
        client.query("select $1::int as n", [1]),
        client.query("select 1/$1::int as n", [0]),
        client.query("select $1::int as n", [3]),
      ]);
      expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    });
  });

  it("carries statements and results of many megabytes", async () => {
    const text = "x".repeat(8_000_000);
    const [row] = await query("select $1::text as text", {}, [text]);
    expect(row?.["text"]).toHaveLength(text.length);
  });

  it("ends only the connection of a client that sends invalid messages", async () => {
    const socket = new Socket();
    await clientOf({ stream: socket }).connect();
    socket.write(Buffer.from("y\0\0\0\x04", "latin1"));
    const seen: Buffer[] = [];
    socket.on("data", (data: Buffer) => seen.push(data));
    await new Promise((resolve) => socket.once("close", resolve));
    expect(Buffer.concat(seen).toString("latin1")).toContain("08P01");
    expect(await query("select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("runs COPY FROM STDIN with a large file, and refuses wrong data", async () => {
    await query("create table copied (n int, text text)");
    const lines = Array.from({ length: 50_000 }, (_, n) => `${n}\t${"y".repeat(80)}\n`).join("");
    expect(psql("copy copied from stdin", lines)).toBe("COPY 50000\n");
    expect(() => psql("copy copied from stdin", "not a number\tx\n")).toThrow(/invalid input/);
    expect(psql("copy (select n from copied order by n limit 2) to stdout")).toBe("0\n1\n");
    expect(() => psql("select 1; copy copied from stdin", "1\tx\n")).toThrow(/single statement/);
    expect(await query("select count(*)::int as n from copied")).toEqual([{ n: 50_000 }]);
  });
});

describe("an embedded TimescaleDB server", () => {
  it("is started again after a kill during writes, with every committed row", async () => {
    let committed = 0;
    await withClient({}, async (client) => {
      const writing = (async () => {
        for (;;) {
          await client.query("insert into events values (now(), $1)", [`row ${committed}`]);
          committed += 1;
        }
      })().catch(() => undefined);
      await waitUntil(() => committed >= 50, 10_000, 5);
      kill("SIGKILL");
      await writing;
    });
    const { operation, checked } = await server.preview(inputs);
    expect(operation).toBe("update");
    expect(checked).toMatchObject({ starts: 2 });
    await server.up(inputs);
    const [row] = await query("select count(*)::int as n from events where text like 'row %'");
    expect(committed).toBeGreaterThanOrEqual(50);
    // One more row may be committed, if its answer was lost.
    expect([committed, committed + 1]).toContain(row?.["n"]);
    expect(await server.up(inputs)).toBe("same");
  });

  it("is restarted after a signal has stopped it", async () => {
    kill("SIGSTOP");
    expect(await server.up(inputs)).toBe("update");
    expect(await query("select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("counts as running during a long query", async () => {
    await withClient({}, async (client) => {
      const long = client.query("select pg_sleep(4)");
      await waitUntil(() => false, 200);
      expect((await server.preview(inputs)).operation).toBe("same");
      await long;
    });
  });

  it("closes its data and tells its client when it is stopped", async () => {
    await withClient({}, async (client) => {
      const goodbye = new Promise<unknown>((resolve) => client.once("error", resolve));
      kill("SIGTERM");
      expect(await goodbye).toMatchObject({ code: "57P01" });
    });
    expect(await waitUntil(() => runningTimescale(folder()) === undefined, 10_000)).toBe(true);
    expect(await server.up(inputs)).toBe("update");
  });

  it("moves when its port changes", async () => {
    inputs = { ...inputs, port: await freePort() };
    expect(await server.up(inputs)).toBe("update");
    expect(await query("select 1 as one")).toEqual([{ one: 1 }]);
  });
});

it("a deleted embedded TimescaleDB server leaves no process and no file", async () => {
  const pid = runningTimescale(folder())?.pid ?? 0;
  await server.delete();
  expect(pid).toBeGreaterThan(0);
  expect(processState(pid)).toBeUndefined();
  expect(existsSync(join(checkout.root, ".sark", "local"))).toBe(false);
});

const folder = () => existingServerFolder("sark_audit") ?? "";

function kill(signal: NodeJS.Signals): void {
  const running = runningTimescale(folder());
  if (running === undefined) throw new Error("the server does not run");
  process.kill(running.pid, signal);
}

interface Over {
  readonly user?: string;
  readonly database?: string;
  readonly options?: string;
  readonly application_name?: string;
  readonly password?: string;
  /** Whether a query is sent before the previous one is answered. */
  readonly pipeline?: boolean;
  /** The connection to use. */
  readonly stream?: Socket;
}

/** A client that is not connected yet; it ignores connection errors. */
function clientOf(over: Over): Client {
  const { stream, ...given } = over;
  const client = new Client({
    ...{ host: HOST, port: Number(inputs["port"]), database: "sark_audit" },
    ...{ user: "postgres", password: PASSWORD, ...given },
    ...(stream === undefined ? {} : { stream: () => stream }),
  });
  client.on("error", () => undefined);
  return client;
}

async function withClient<T>(over: Over, work: (client: Client) => Promise<T>): Promise<T> {
  const client = clientOf(over);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function query(sql: string, over: Over = {}, values: unknown[] = []): Promise<Row[]> {
  return withClient(over, async (client) => (await client.query<Row>(sql, values)).rows);
}

function psql(sql: string, input = ""): string {
  const url = `postgresql://postgres:${PASSWORD}@${HOST}:${String(inputs["port"])}/sark_audit`;
  return execFileSync("psql", [url, "--no-psqlrc", "-At", "-c", sql], { encoding: "utf8", input });
}

/** A connection that sends each byte in its own packet. */
class ByteByByte extends Socket {
  override write(bytes: Buffer): boolean {
    this.setNoDelay(true);
    return [...bytes].map((byte) => super.write(Buffer.from([byte]))).every(Boolean);
  }
}
