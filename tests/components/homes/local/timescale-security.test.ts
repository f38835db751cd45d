/** Attacks on the embedded TimescaleDB: without a login, with each kind of login, and as superuser. */
import { existsSync, readFileSync } from "node:fs";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { readIfThere } from "../../../../components/homes/local/processes/private-files";
import { HOST } from "../../../../components/homes/local/processes/ports";
import { processState, waitUntil } from "../../../../components/homes/local/processes/process";
import { enginePidFile } from "../../../../components/homes/local/timescale/engine-process";
import { runningTimescale } from "../../../../components/homes/local/timescale/server-process";
import {
  type ScratchTimescale,
  startScratchTimescale,
} from "../../../../scratch/scratch-timescale";
import { TimescaleSessions } from "../../../support/timescale-sessions";

jest.setTimeout(60_000);

const PASSWORD = "of-this-test-alone";
let server: ScratchTimescale;
let as: TimescaleSessions;

beforeAll(async () => {
  server = await startScratchTimescale();
  as = new TimescaleSessions(server, PASSWORD);
  await as.asAdmin(
    "create extension timescaledb",
    `create role app login password '${PASSWORD}'`,
    `create role owning login createrole password '${PASSWORD}'`,
    `create role sark_monitor login password '${PASSWORD}' in role pg_monitor`,
    "create role team nologin",
    "create role no_password login",
    "grant team to app",
    "grant create on database sark_audit to owning",
    "grant create, usage on schema public to owning, app",
  );
});

afterAll(() => server.stop());

describe("log-in to the embedded TimescaleDB", () => {
  it.each(["postgres", "app", "no_password", "nobody"])(
    "refuses %s without the right password",
    async (user) => {
      for (const password of ["", "wrong", "postgres", server.password.slice(1)]) {
        const refused = await as
          .with({ user, password }, () => Promise.resolve())
          .catch((error: unknown) => error);
        expect(refused).toMatchObject({
          message: expect.stringMatching(
            /password authentication failed for user|client password must be a/,
          ) as string,
        });
      }
    },
  );

  it("offers only SCRAM, and refuses a query before it", async () => {
    const socket = connect({ host: HOST, port: server.port });
    socket.write(startup("postgres"));
    const [asked] = (await once(socket, "data")) as [Buffer];
    expect(asked.toString("latin1")).toBe("R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0");
    const query = Buffer.from("Q\0\0\0\x0dselect 1\0", "latin1");
    socket.write(query);
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString("latin1")).toContain("08P01");
    socket.destroy();
  });

  it("works despite 200 connections that never authenticate", async () => {
    const crowd = Array.from({ length: 200 }, () => connect({ host: HOST, port: server.port }));
    for (const socket of crowd) socket.on("error", () => undefined).write(startup("app"));
    await waitUntil(() => false, 300);
    expect(await as.rows({}, "select 1 as one")).toEqual([{ one: 1 }]);
    for (const socket of crowd) socket.destroy();
  });
});

/** Ways to become another role. */
const ESCAPES = [
  "reset session authorization",
  "set session authorization default",
  "set session authorization postgres",
  "set local session authorization postgres",
  "select set_config('session_authorization', 'postgres', false)",
  "select set_config('role', 'postgres', false)",
  "set role postgres",
  "reset role",
  "set role none",
  "discard all",
  "reset all",
  "rollback",
  "do $$ begin execute 'reset session authorization'; execute 'set role postgres'; end $$",
  "create function public.f() returns text language sql set role = 'postgres' as 'select current_user::text'; select public.f()",
  "create function public.g() returns text language sql set session_authorization = 'postgres' as 'select current_user::text'; select public.g()",
  "begin; reset session authorization; savepoint s; rollback to s; commit",
];

describe.each(["app", "owning", "sark_monitor"])(
  "a session of %s in the embedded TimescaleDB",
  (user) => {
    it("cannot switch to another role", async () => {
      for (const escape of ESCAPES) {
        await as.with({ user }, async (client) => {
          await client.query(escape).catch(() => client.query("rollback"));
          const { rows: found } = await client.query<Record<string, unknown>>(
            `select session_user::text as session, current_user::text as current,
                  current_setting('is_superuser') as superuser`,
          );
          expect([escape, found]).toEqual([
            escape,
            [{ session: user, current: user, superuser: "off" }],
          ]);
        });
      }
    });

    it.each(["session_authorization", "role"])(
      "cannot switch to another role by the start-up option %s",
      async (name) => {
        const options = `-c ${name}=postgres`;
        await expect(as.with({ user, options }, () => Promise.resolve())).rejects.toMatchObject({
          code: "22023",
        });
      },
    );

    it.each([
      "load '/tmp/pglite/lib/postgresql/dict_snowball.so'",
      "create extension dblink",
      "copy (select 1) to '/tmp/stolen'",
      "copy (select 1) to program 'id'",
      "create temp table t (a text); copy t from '/etc/passwd'",
      "create temp table t (a text); copy t from program 'id'",
      "create temp table t (a text); copy t from '/dev/blob'",
      "select lo_import('/etc/passwd')",
      "select lo_export(1, '/tmp/stolen')",
      "select pg_read_file('PG_VERSION')",
      "select * from pg_authid",
      "alter role postgres password 'mine'",
      "alter system set session_preload_libraries = 'x'",
      "create function public.h() returns int language c as 'plpgsql', 'plpgsql_call_handler'",
      "set allow_system_table_mods = on",
    ])("is refused: %s", async (statement) => {
      await expect(as.rows({ user }, statement)).rejects.toMatchObject({
        code: expect.stringMatching(/^(42501|0A000)$/) as string,
      });
    });
  },
);

it("the embedded TimescaleDB allows SET ROLE only to roles of which the login is a member", async () => {
  await as.with({ user: "app" }, async (client) => {
    await client.query("set role team");
    await client.query("reset role");
    await expect(client.query("set role owning")).rejects.toMatchObject({ code: "42501" });
  });
});

it("the embedded TimescaleDB's own queries do not call a function that shadows a built-in one", async () => {
  await as.with({ user: "owning" }, async (client) => {
    await client.query(`
      create table public.called (by text); grant insert on public.called to public;
      create function public.unnest(text[]) returns setof text language plpgsql as
        'begin insert into public.called values (current_user); return; end';
      create function public.hijack(oid, int) returns boolean language plpgsql as
        'begin insert into public.called values (current_user); return true; end';
      create operator public.= (leftarg = oid, rightarg = int, function = public.hijack);
      alter role owning set search_path = public, pg_catalog`);
  });
  await as.with({ user: "owning" }, (client) => client.query("select 1"));
  await as.with({ user: "app" }, (client) => client.query("select 1"));
  expect(await as.rows({}, "select by from public.called where by = 'postgres'")).toEqual([]);
  // The control: the planted function works when a client calls it by name.
  await as.with({ user: "owning" }, async (client) => {
    await client.query("select public.unnest(array['x'])");
  });
  expect(await as.rows({}, "select distinct by from public.called")).toEqual([{ by: "owning" }]);
});

describe("a superuser of the embedded TimescaleDB", () => {
  it.each([
    ["copy (select 1) to '/tmp/pglite/base/x'", "42501"],
    ["copy (select 1) to '/tmp/pglite/share/postgresql/extension/evil.control'", "42501"],
    ["copy (select 1) to 'x'", "42602"],
    ["copy (select 1) to '/tmp/pglite/base/pg_logical/../../../../evil'", "42501"],
    ["select lo_from_bytea(4711, 'abc'); select lo_export(4711, 'evil')", "42501"],
    ["select lo_from_bytea(4712, 'abc'); select lo_export(4712, 'base/evil.so')", "42501"],
    ["select lo_from_bytea(4713, 'abc'); select lo_export(4713, 'pg_wal/evil')", "42501"],
    ["select lo_import('/etc/passwd')", "42501"],
    ["select pg_read_file('/proc/self/environ')", "42501"],
    ["create extension dblink", "0A000"],
  ])("is refused: %s", async (statement, code) => {
    await expect(as.rows({}, statement)).rejects.toMatchObject({ code });
  });

  it("cannot run a program", async () => {
    await expect(as.rows({}, "copy (select 1) to program 'touch /tmp/pwned'")).rejects.toThrow();
    expect(existsSync("/tmp/pwned")).toBe(false);
  });

  it("can load only the server's own libraries, not one written into its data", async () => {
    // The smallest WebAssembly module, under the name of a table's file.
    const module = "\\x0061736d01000000";
    await as.rows(
      {},
      `select lo_from_bytea(5000, '${module}'); select lo_export(5000, 'base/1/99999')`,
    );
    await expect(as.rows({}, "load '/tmp/pglite/base/base/1/99999'")).rejects.toThrow(
      /could not load library/,
    );
    expect(await as.rows({}, "select 1 as one")).toEqual([{ one: 1 }]);
  });
});

describe("each process of the embedded TimescaleDB", () => {
  it("runs under Node's permission model, and may write only to the server's folder", () => {
    for (const [pid, allowed] of [
      [runningTimescale(server.folder)?.pid, ["--allow-child-process"]],
      // The process that runs the clients' statements starts no other process.
      [readIfThere(enginePidFile(server.folder)), []],
    ] as const) {
      const command = processState(Number(pid))?.command ?? "";
      expect(command).toMatch(/--(?:experimental-)?permission /);
      expect(command.match(/--allow-fs-write=\S+/g)).toEqual([
        `--allow-fs-write=${server.folder}/*`,
      ]);
      expect(command.match(/--allow-(?:child-process|worker|addons|wasi)/g) ?? []).toEqual(allowed);
    }
  });

  it("has no secret in its command line, environment or log", async () => {
    await as.rows({ user: "app", password: "wrong-canary" }, "select 1").catch(() => undefined);
    const pids = [
      runningTimescale(server.folder)?.pid ?? 0,
      Number(readIfThere(enginePidFile(server.folder))),
    ];
    const seen = [
      ...pids.flatMap((pid) => [
        processState(pid)?.command ?? "",
        existsSync(`/proc/${pid}/environ`) ? readFileSync(`/proc/${pid}/environ`, "latin1") : "",
      ]),
      readIfThere(join(server.folder, "log", "timescaledb.log")) ?? "",
    ].join("\n");
    for (const secret of [server.password, PASSWORD, "wrong-canary", "SCRAM-SHA-256$"]) {
      expect(seen).not.toContain(secret);
    }
  });
});

function startup(user: string): Buffer {
  const text = Buffer.from(`user\0${user}\0database\0sark_audit\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + text.length, 0);
  head.writeInt32BE(196608, 4);
  return Buffer.concat([head, text]);
}
