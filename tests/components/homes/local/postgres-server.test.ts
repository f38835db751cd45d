import { spawn } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { Client } from "pg";
import { existingServerFolder } from "../../../../components/homes/local/processes/paths";
import { freePort, HOST } from "../../../../components/homes/local/processes/ports";
import {
  runningPostgres,
  start,
  stop,
} from "../../../../components/homes/local/processes/postgres";
import { serverFiles } from "../../../../components/homes/local/processes/postgres-files";
import { processState, waitUntil } from "../../../../components/homes/local/processes/process";
import {
  userOptions,
  serviceUser,
} from "../../../../components/homes/local/processes/service-user";

import { portProblem } from "../../../../components/homes/local/providers/server-provider";
import { type Checkout, LocalResource, makeCheckout } from "../../../support/local-home";

jest.setTimeout(60_000);

let checkout: Checkout;
let server: LocalResource;
let inputs: Record<string, unknown>;

beforeAll(async () => {
  checkout = makeCheckout();
  server = new LocalResource("local:PostgresServer");
  inputs = {
    directory: "sark",
    port: await freePort(),
    database: "sark",
    majorVersion: 18,
    adminUser: "postgres",
    adminPassword: "first-password",
    replicationUser: "sark_replication",
    replicationPassword: "replica-password",
    preload: ["pg_stat_statements"],
    parameters: {
      restart: { max_connections: "40", shared_buffers: "64MB" },
      reload: { work_mem: "5MB", log_statement: "ddl", "pg_stat_statements.track": "all" },
    },
  };
  await server.up(inputs);
});

afterAll(async () => {
  await server.delete();
  checkout.remove();
});

describe("a new local PostgreSQL server", () => {
  it("runs version 18 with the given parameters, and outputs its system identifier", async () => {
    const [row] = await query(
      `select current_setting('max_connections') as connections,
              current_setting('work_mem') as work_mem,
              current_setting('shared_preload_libraries') as preload,
              (select system_identifier::text from pg_control_system()) as identifier`,
    );
    expect(row).toMatchObject({
      connections: "40",
      work_mem: "5MB",
      preload: "pg_stat_statements",
    });
    expect(server.outputs).toMatchObject({
      host: HOST,
      systemIdentifier: row?.["identifier"],
      serverVersion: expect.stringMatching(/^18\.\d+$/) as unknown,
    });
  });

  it("has its database with a builtin collation and data checksums", async () => {
    const [row] = await query(
      `select pg_get_userbyid(datdba) as owner, datlocprovider::text as provider, datlocale as locale,
              pg_encoding_to_char(encoding) as encoding, current_setting('data_checksums') as checksums
       from pg_database where datname = 'sark'`,
    );
    expect(row).toEqual({
      owner: "postgres",
      provider: "b",
      locale: "C.UTF-8",
      encoding: "UTF8",
      checksums: "on",
    });
  });

  it("accepts only SCRAM passwords, from this machine", async () => {
    const rules = await query(
      "select distinct auth_method, coalesce(address, '') as address, error from pg_hba_file_rules order by 2",
    );
    expect(rules).toEqual([
      { auth_method: "scram-sha-256", address: "", error: null },
      { auth_method: "scram-sha-256", address: "127.0.0.1", error: null },
      { auth_method: "scram-sha-256", address: "::1", error: null },
    ]);
    await expect(query("select 1", { password: "wrong" })).rejects.toMatchObject({ code: "28P01" });
    await expect(query("select 1", { password: "" })).rejects.toThrow(/password/);
    const [role] = await query(
      "select bool_and(rolpassword like 'SCRAM-SHA-256$%') as scram from pg_authid where rolpassword is not null",
    );
    expect(role).toEqual({ scram: true });
  });

  it("listens on the loopback address only", async () => {
    expect(await query("show listen_addresses")).toEqual([{ listen_addresses: "127.0.0.1" }]);
  });

  it("writes no password or verifier to its log or configuration", () => {
    const log = logs();
    expect(log).toContain("create role");
    for (const word of ["first-password", "replica-password", "SCRAM-SHA-256$"]) {
      expect(log).not.toContain(word);
    }
    expect(readFileSync(join(folder(), "data", "sark.conf"), "utf8")).not.toContain("password'");
    expect(statSync(join(folder(), "data")).mode & 0o077).toBe(0);
  });

  it("is unchanged by a second up", async () => {
    expect(await server.up(inputs)).toBe("same");
    expect(server.inputs).toMatchObject({ starts: 1 });
  });
});

describe("a change of a local PostgreSQL server", () => {
  it("of a reload parameter takes effect without a restart", async () => {
    const before = await startTime();
    change({ reload: { work_mem: "6MB" } });
    expect(await server.up(inputs)).toBe("update");
    expect(await query("show work_mem")).toEqual([{ work_mem: "6MB" }]);
    expect(await startTime()).toBe(before);
  });

  it("of a restart parameter restarts the server and takes effect", async () => {
    const before = await startTime();
    change({ restart: { max_connections: "45" } });
    await server.up(inputs);
    expect(await query("show max_connections")).toEqual([{ max_connections: "45" }]);
    expect(await startTime()).not.toBe(before);
  });

  it("to a value that the server refuses names the parameter and changes nothing", async () => {
    const good = inputs;
    const before = await startTime();
    change({ restart: { shared_buffers: "lots" } });
    await expect(server.up(inputs)).rejects.toThrow(
      /refuses sark-databases:sark\.parameters\.shared_buffers = 'lots'/,
    );
    change({ restart: { shared_buffers: "64MB" }, reload: { no_such_parameter: "1" } });
    await expect(server.up(inputs)).rejects.toThrow(/no_such_parameter = '1'/);
    inputs = good;
    change({ reload: { timezone: "Mars/Phobos", datestyle: "Klingon" } });
    await expect(server.up(inputs)).rejects.toThrow(
      /sark\.parameters\.datestyle = 'Klingon': .*; sark-databases:sark\.parameters\.timezone = 'Mars/,
    );
    inputs = good;
    expect(await server.up(inputs)).toBe("same");
    expect(await startTime()).toBe(before);
  });

  it("that prevents a start is undone, with the end of the server's log as the reason", async () => {
    const good = inputs;
    change({ restart: { wal_level: "minimal", max_wal_senders: "5" } });
    await expect(server.up(inputs)).rejects.toThrow(
      /wal_level.*\nThe previous configuration was restored\.$/is,
    );
    inputs = good;
    expect(await query("show wal_level")).toEqual([{ wal_level: "replica" }]);
    expect(await server.up(inputs)).toBe("same");
  });

  it("that prevents a start shows the server's reason, without lines of the previous start", async () => {
    const good = inputs;
    change({ restart: { reserved_connections: "97" } });
    const failure = await server.up(inputs).catch(String);
    expect(failure).toMatch(
      /must be less than "max_connections" .*\nThe previous configuration was restored\.$/,
    );
    expect(failure).not.toContain("shutting down");
    inputs = good;
    expect(await server.up(inputs)).toBe("same");
  });

  it("to a temp_file_limit of 0 can be made and undone", async () => {
    const good = inputs;
    change({ reload: { temp_file_limit: "0", work_mem: "64kB" } });
    expect(await server.up(inputs)).toBe("update");
    inputs = good;
    expect(await server.up(inputs)).toBe("update");
  });

  it.each([
    [
      { transaction_timeout: "1ms" },
      /no session can start .*transaction timeout.*; the previous configuration was restored/,
    ],
    [
      { session_preload_libraries: "/nowhere/library" },
      /no session can start .*could not access file/,
    ],
    [
      { session_preload_libraries: "auto_explain", dynamic_library_path: "/nowhere" },
      /no session can start .*could not access file/,
    ],
  ])("to %j, with which no session can start, is undone", async (reload, message) => {
    const good = inputs;
    const before = await startTime();
    change({ reload });
    await expect(server.up(inputs)).rejects.toThrow(message);
    expect(await startTime()).toBe(before);
    inputs = good;
    expect(await server.up(inputs)).toBe("same");
  });

  it("with which no session can start is undone when the server has to be started", async () => {
    const good = inputs;
    kill("SIGKILL");
    change({ reload: { transaction_timeout: "1ms" } });
    await expect(server.up(inputs)).rejects.toThrow(/no session can start/);
    inputs = good;
    expect(await query("show transaction_timeout")).toEqual([{ transaction_timeout: "0" }]);
    expect(await server.up(inputs)).toBe("same");
  });

  it("is applied to a server in which no session can start", async () => {
    const good = inputs;
    appendFileSync(join(folder(), "data", "sark.conf"), "transaction_timeout = 1ms\n");
    kill("SIGHUP");
    await waitUntil(
      async () => (await query("select 1").catch(() => undefined)) === undefined,
      10_000,
    );
    change({ reload: { work_mem: "9MB" } });
    await server.up(inputs);
    expect(await query("show work_mem")).toEqual([{ work_mem: "9MB" }]);
    inputs = good;
    await server.up(inputs);
  });

  it("repairs a new server in which no session could start", async () => {
    const first = new LocalResource("local:PostgresServer");
    const good = { ...inputs, directory: "first", port: await freePort() };
    const { restart } = inputs["parameters"] as { restart: object };
    const wrong = { ...good, parameters: { restart, reload: { transaction_timeout: "1ms" } } };
    const message = /no session can start with these parameters: .*transaction timeout$/;
    await expect(first.up(wrong)).rejects.toThrow(message);
    await first.up(good);
    await first.delete();
  });

  it("that ALTER SYSTEM overrides is reported", async () => {
    await query("alter system set work_mem = '7MB'");
    const good = inputs;
    change({ reload: { work_mem: "8MB" } });
    await expect(server.up(inputs)).rejects.toThrow(
      /work_mem = '8MB' is overridden by ALTER SYSTEM/,
    );
    await query("alter system reset work_mem");
    expect(await server.up(inputs)).toBe("update");
    expect(await query("show work_mem")).toEqual([{ work_mem: "8MB" }]);
    inputs = good;
    await server.up(inputs);
  });

  it("of the administrator's password invalidates the old one", async () => {
    inputs = { ...inputs, adminPassword: "second-password" };
    expect(await server.up(inputs)).toBe("update");
    await expect(query("select 1", { password: "first-password" })).rejects.toMatchObject({
      code: "28P01",
    });
    expect(await query("select 1 as one")).toEqual([{ one: 1 }]);
    expect(logs()).not.toContain("second-password");
  });

  it("of the port moves the server", async () => {
    inputs = { ...inputs, port: await freePort() };
    expect(await server.up(inputs)).toBe("update");
    expect(runningPostgres(folder())?.port).toBe(inputs["port"]);
    expect(await query("select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("of the database or the folder replaces the server", async () => {
    expect((await server.preview({ ...inputs, database: "other" })).operation).toBe("replace");
    expect((await server.preview({ ...inputs, directory: "other" })).operation).toBe("replace");
  });
});

describe("a local PostgreSQL server", () => {
  it("is started again after a kill, with every committed row", async () => {
    await query("create table kept (n int)", { database: "sark" });
    await query("insert into kept select generate_series(1, 1000)", { database: "sark" });
    const identifier = server.outputs?.["systemIdentifier"];
    kill("SIGKILL");
    const { operation, checked } = await server.preview(inputs);
    expect(operation).toBe("update");
    expect(checked).toMatchObject({ starts: 2 });
    await server.up(inputs);
    expect(await query("select count(*)::int as n from kept", { database: "sark" })).toEqual([
      { n: 1000 },
    ]);
    expect(server.outputs).toMatchObject({ systemIdentifier: identifier, starts: 2 });
    expect(await server.up(inputs)).toBe("same");
  });

  it("is judged by the log of this start, not by that of an earlier one", async () => {
    const { logs } = serverFiles(folder());
    const hopeless = (log: string) => log.includes("nothing will help");
    await stop(folder());
    for (const name of readdirSync(logs)) appendFileSync(join(logs, name), "nothing will help\n");
    expect(await start(folder(), 60_000, hopeless)).toMatchObject({ status: "ready" });
  });

  it("is restarted after a signal has stopped it", async () => {
    kill("SIGSTOP");
    expect(await server.up(inputs)).toBe("update");
    expect(await query("select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("counts as running while a session locks the roles", async () => {
    // A statement of this session waits while it holds the lock.
    const locked = query(
      "begin; lock table pg_authid in access exclusive mode; select pg_sleep(5); rollback",
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await server.preview(inputs)).operation).toBe("same");
    await locked;
  });

  it("starts despite a pid file that names another process, and leaves that process alone", async () => {
    kill("SIGKILL");
    await waitUntil(() => runningPostgres(folder()) === undefined, 5000);
    const file = join(folder(), "data", "postmaster.pid");
    const text = readFileSync(file, "utf8").replace(/^\d+/, String(process.pid));
    writeFileSync(file, text);
    expect(runningPostgres(folder())).toBeUndefined();
    expect(await server.up(inputs)).toBe("update");
    expect(await query("select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("starts despite stale locks that name another process of the same user", async () => {
    const user = serviceUser();
    const bystander = spawn("sleep", ["60"], { ...userOptions(user), stdio: "ignore" });
    try {
      kill("SIGKILL");
      await waitUntil(() => runningPostgres(folder()) === undefined, 5000);
      const locks = [join("data", "postmaster.pid"), `.s.PGSQL.${String(inputs["port"])}.lock`];
      for (const lock of locks.map((name) => join(folder(), name))) {
        const text = readFileSync(lock, "utf8").replace(/^\d+/, String(bystander.pid));
        writeFileSync(lock, text);
      }
      expect(await server.up(inputs)).toBe("update");
      expect(await query("select 1 as one")).toEqual([{ one: 1 }]);
      expect(bystander.exitCode).toBeNull();
    } finally {
      bystander.kill();
    }
  });

  it("keeps its data after its state was lost, and takes the new password", async () => {
    const forgotten = server.outputs?.["systemIdentifier"];
    server.inputs = undefined;
    server.outputs = undefined;
    inputs = { ...inputs, adminPassword: "third-password" };
    expect(await server.up(inputs)).toBe("create");
    expect(server.outputs).toMatchObject({ systemIdentifier: forgotten });
    expect(await query("select count(*)::int as n from kept", { database: "sark" })).toEqual([
      { n: 1000 },
    ]);
  });

  it("is replaced, as the preview says, after its data was removed", async () => {
    kill("SIGKILL");
    await waitUntil(() => runningPostgres(folder()) === undefined, 5000);
    rmSync(join(folder(), "data"), { recursive: true });
    const before = server.outputs?.["systemIdentifier"];
    expect((await server.preview(inputs)).operation).toBe("replace");
    await server.up(inputs);
    expect(server.outputs?.["systemIdentifier"]).not.toBe(before);
  });
});

describe("the check of a local PostgreSQL server", () => {
  it("refuses a port in use and names its process", async () => {
    const busy = createServer();
    const port = await listen(busy);
    const failures = await server.failures({ ...inputs, port });
    busy.close();
    expect(failures).toEqual([
      expect.stringMatching(
        new RegExp(
          `^port: port ${port} is in use by .*, which is not a server of this stack.*ports\\.sark`,
        ),
      ),
    ]);
    expect(failures[0]).toContain(`process ${process.pid} (node)`);
    expect(await server.failures(inputs)).toEqual([]);
  });

  it("names the server of this stack that uses the port", async () => {
    const other = new LocalResource("local:TimescaleServer");
    const { port } = inputs;
    const given = { directory: "sark-audit", port, database: "sark_audit", patience: {} };
    const holder = `port ${Number(port)} is in use by process ${runningPostgres(folder())?.pid ?? 0} (postgres)`;
    const expected = [
      `port: ${holder}, the server "sark" of this stack; move that server to another port, ` +
        "stop it, or set ports.audit in sark-databases:local to a free port (nothing was changed)",
    ];
    expect(await other.failures({ ...given, adminPassword: "audit" })).toEqual(expected);
    // Also after the stack's files are gone.
    const stack = join(checkout.root, ".sark");
    renameSync(stack, `${stack}-away`);
    const found = await other.failures({ ...given, adminPassword: "audit" });
    renameSync(`${stack}-away`, stack);
    expect(found).toEqual(expected);
  });

  it("reports a port in use whose process is not visible", () => {
    expect(portProblem(15432, "ports.sark", undefined)).toBe(
      "port 15432 is in use by a process that this user cannot see; stop it, or " +
        "set ports.sark in sark-databases:local to a free port (nothing was changed)",
    );
  });

  it("refuses libraries that the embedded PostgreSQL does not include", async () => {
    const wrong = {
      ...inputs,
      preload: ["timescaledb"],
      parameters: {
        restart: {},
        reload: {
          session_preload_libraries: 'auto_explain, "pg_hint_plan"',
          local_preload_libraries: "auto_explain",
        },
      },
      directory: "../elsewhere",
    };
    expect(await server.failures(wrong)).toEqual([
      expect.stringContaining("directory"),
      expect.stringContaining(
        'sark-databases:sark.parameters.session_preload_libraries: library "pg_hint_plan" is not included',
      ),
      expect.stringContaining(
        'sark-databases:sark.parameters.local_preload_libraries: library "auto_explain" is not in the folder plugins',
      ),
      expect.stringContaining('library "timescaledb"'),
    ]);
  });

  it("accepts values that are not known yet", async () => {
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const fresh = new LocalResource("local:PostgresServer");
    const port = await freePort();
    expect(
      await fresh.failures({ ...inputs, port, directory: "other", majorVersion: unknown }),
    ).toEqual([]);
  });
});

it("a deleted local PostgreSQL server leaves no process and no file", async () => {
  const pid = runningPostgres(folder())?.pid ?? 0;
  await server.delete();
  expect(pid).toBeGreaterThan(0);
  expect(processState(pid)).toBeUndefined();
  expect(existsSync(join(checkout.root, ".sark", "local"))).toBe(false);
});

function change(parameters: { restart?: object; reload?: object }): void {
  const before = inputs["parameters"] as { restart: object; reload: object };
  inputs = {
    ...inputs,
    parameters: {
      restart: { ...before.restart, ...parameters.restart },
      reload: { ...before.reload, ...parameters.reload },
    },
  };
}

function folder(): string {
  return existingServerFolder("sark") ?? "";
}

function logs(): string {
  const directory = join(folder(), "log");
  // One file for each weekday: the day may change during the test.
  const names = readdirSync(directory).filter((name) => name.startsWith("postgresql-"));
  return names.map((name) => readFileSync(join(directory, name), "utf8")).join("");
}

function kill(signal: NodeJS.Signals): void {
  const running = runningPostgres(folder());
  if (running === undefined) throw new Error("the server does not run");
  process.kill(running.pid, signal);
}

async function startTime(): Promise<unknown> {
  return (await query("select pg_postmaster_start_time()::text as at"))[0]?.["at"];
}

async function query(
  sql: string,
  over: { password?: string; database?: string } = {},
): Promise<Record<string, unknown>[]> {
  const client = new Client({
    host: HOST,
    port: Number(inputs["port"]),
    user: "postgres",
    password: String(inputs["adminPassword"]),
    database: "postgres",
    ...over,
  });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function listen(busy: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    busy.listen(0, HOST, () => {
      resolve();
    });
  });
  const address = busy.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
