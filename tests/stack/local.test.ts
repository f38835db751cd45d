import * as fs from "node:fs";
import * as path from "node:path";
import { isFree } from "../../components/homes/local/processes/ports";
import { StackCopy } from "../../scratch/scratch-stack";

jest.setTimeout(180_000);

let stack: StackCopy;
beforeAll(async () => {
  // Without a CLI on the PATH: this file tests the embedded engine.
  stack = await StackCopy.make();
  await stack.mustRun("up", "--yes", "--engine", "embedded");
});
afterAll(() => stack.remove());

/** The process ids in the pid files of the local home's servers. */
function serverPids(): readonly number[] {
  const local = path.join(stack.folder, ".sark", "local");
  const postmasters = ["sark", "sark-replica"].map((name) =>
    path.join(local, name, "data", "postmaster.pid"),
  );
  return postmasters.map((file) => Number(fs.readFileSync(file, "utf8").split("\n")[0]));
}

const code = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? error.code : error;
const refusal = (work: Promise<unknown>): Promise<unknown> => work.then(() => "done", code);

const DENIED = "42501";

const AS_THE_FILES_MAKE_IT = ["sark", "sark_audit"].map((database) => ({
  ...{ database, objects: 0, differences: [] },
}));

describe("the stack local", () => {
  it("has no changes in a second up", async () => {
    expect(await stack.run("up", "--yes", "--expect-no-changes")).toMatchObject({ code: 0 });
  });

  it("is reported as healthy by status", async () => {
    const { stdout } = await stack.mustRun("status", "--json");
    const status = JSON.parse(stdout) as { problems: unknown[] };
    expect(status.problems).toEqual([]);
  });

  it("prints one document with --json, with every secret hidden", async () => {
    const { stdout } = await stack.mustRun("preview", "--json");
    const plan = JSON.parse(stdout) as {
      resources: { op: string; type: string; inputs: Record<string, unknown> }[];
      schemaDrift: unknown;
    };
    expect(plan.schemaDrift).toEqual(AS_THE_FILES_MAKE_IT);
    expect(new Set(plan.resources.map((resource) => resource.op))).toEqual(new Set(["same"]));
    const primary = plan.resources.find(({ type }) => type.endsWith(":PostgresServer"));
    expect(primary?.inputs["adminPassword"]).toBe("[secret]");
    const password = (await stack.mustRun("secret", "sark_app")).stdout.trim();
    expect(password).toHaveLength(32);
    expect(stdout).not.toContain(password);
  });

  it("has drift after a manual schema change", async () => {
    await stack.withLogin("sark_admin", (client) => client.query("create table public.planted ()"));
    expect(await stack.run("drift")).toMatchObject({
      code: 3,
      stdout: expect.stringContaining(
        "+ 1 only in the database.\n  + table public.planted\n",
      ) as string,
    });
    await stack.withLogin("sark_admin", (client) => client.query("drop table public.planted"));
  });

  it("keeps its state unreadable for other users", () => {
    const state = path.join(stack.folder, ".sark", "state", "embedded", "local.json");
    expect(fs.statSync(state).mode & 0o777).toBe(0o600);
  });
});

describe("the application login of the stack local, through PgBouncer", () => {
  it("reads and writes sark, and cannot create, alter, drop or truncate", async () => {
    await stack.withLogin(
      "sark_app",
      async (client) => {
        await client.query("insert into users (username, email) values ('ada', 'ada@example.org')");
        const { rows } = await client.query(
          "select username from users where lower(username) = 'ada'",
        );
        expect(rows).toEqual([{ username: "ada" }]);
        for (const statement of [
          "create table mine (id int)",
          "create temporary table mine (id int)",
          "alter table users add column x int",
          "drop table users",
          "truncate users",
          "create role another",
          "set role sark_owner",
        ]) {
          expect([statement, await refusal(client.query(statement))]).toEqual([statement, DENIED]);
        }
      },
      { pool: true },
    );
  });

  it("has its timeouts, though clients share connections", async () => {
    await stack.withLogin(
      "sark_app",
      async (client) => {
        const { rows } = await client.query("select current_setting('statement_timeout') as value");
        expect(rows).toEqual([{ value: "30s" }]);
      },
      { pool: true },
    );
  });
});

it("only PgBouncer can look up verifiers, and only those of the application logins", async () => {
  const lookUp = "select user_name as name, verifier from pgbouncer.user_lookup($1)";
  await stack.withLogin("sark_pgbouncer", async (client) => {
    const found = async (login: string) =>
      (await client.query<{ verifier: string }>(lookUp, [login])).rows.map(
        ({ verifier }) => verifier,
      );
    expect(await found("sark_app_a")).toEqual([expect.stringMatching(/^SCRAM-SHA-256\$4096:/)]);
    for (const login of [
      "postgres",
      "sark_migrate",
      "sark_maintain",
      "sark_monitor",
      "sark_pgbouncer",
      "nobody",
    ]) {
      expect([login, await found(login)]).toEqual([login, []]);
    }
    expect(await refusal(client.query("select id from public.users"))).toBe(DENIED);
  });
  await stack.withLogin("sark_app", async (client) => {
    expect(await refusal(client.query(lookUp, ["sark_app_a"]))).toBe(DENIED);
  });
});

it("the read-only login of the stack local can read, except secrets, and cannot write", async () => {
  await stack.withLogin(
    "sark_readonly",
    async (client) => {
      expect((await client.query("select id, username from users")).rows).toHaveLength(1);
      for (const statement of [
        "insert into users (username, email) values ('eve', 'eve@example.org')",
        "delete from users",
        "select password_hash from users",
      ]) {
        expect([statement, await refusal(client.query(statement))]).toEqual([statement, DENIED]);
      }
    },
    { pool: true },
  );
});

it("the audit login of the stack local can only insert, and cannot set the time", async () => {
  await stack.withLogin(
    "sark_audit_app",
    async (client) => {
      await client.query(
        "insert into audit_events (event_type, action, status) values ('t', 'a', 'success')",
      );
      for (const statement of [
        "insert into audit_events (time, event_type, action, status) values (now(), 't', 'a', 'success')",
        "select * from audit_events",
        "update audit_events set action = 'b'",
        "delete from audit_events",
        "truncate audit_events",
        "drop table audit_events",
        "create table mine (id int)",
      ]) {
        expect([statement, await refusal(client.query(statement))]).toEqual([statement, DENIED]);
      }
    },
    { pool: true },
  );
});

it("the replica of the stack local follows the primary, and refuses writes", async () => {
  const deadline = Date.now() + 10_000;
  const names = () =>
    stack.withLogin("sark_readonly", (client) => client.query("select username from users"), {
      port: stack.ports.sarkReplica,
    });
  while ((await names()).rows.length === 0 && Date.now() < deadline);
  expect((await names()).rows).toEqual([{ username: "ada" }]);

  const write = stack.withLogin("sark_app", (client) => client.query("delete from users"), {
    port: stack.ports.sarkReplica,
  });
  expect(await refusal(write)).toBe("25006");
});

describe("a change of one parameter in the stack local", () => {
  it("is the only change in the preview, and is applied by a reload if that suffices", async () => {
    stack.configure((config) => {
      config["sark-databases:sark"] = {
        home: "local",
        parameters: { log_min_duration_statement: "750ms" },
      };
    });
    const before = serverPids();
    const { stdout } = await stack.mustRun("preview", "--json");
    const plan = JSON.parse(stdout) as {
      resources: { op: string; urn: string; changedKeys: string[] }[];
    };
    const changed = plan.resources.filter(({ op }) => op !== "same");
    expect(
      changed.map(({ urn, op, changedKeys }) => [urn.split("::").at(-1), op, changedKeys]),
    ).toEqual([
      ["sark-primary", "update", ["parameters.reload.log_min_duration_statement"]],
      ["sark-replica", "update", ["parameters.reload.log_min_duration_statement"]],
    ]);

    await stack.mustRun("up", "--yes");
    const shown = await stack.withLogin("sark_admin", (client) =>
      client.query("show log_min_duration_statement"),
    );
    expect(shown.rows).toEqual([{ log_min_duration_statement: "750ms" }]);
    expect(serverPids()).toEqual(before);
  });

  it("is previewed with its restart if it needs one, and is applied", async () => {
    stack.configure((config) => {
      config["sark-databases:sark"] = { home: "local", parameters: { wal_buffers: "8MB" } };
    });
    const before = serverPids();
    const { stdout } = await stack.mustRun("preview");
    expect(stdout).toMatch(/parameters\.restart\.wal_buffers: \S+ -> 8MB +\(restart\)/);

    await stack.mustRun("up", "--yes");
    const shown = await stack.withLogin("sark_admin", (client) => client.query("show wal_buffers"));
    expect(shown.rows).toEqual([{ wal_buffers: "8MB" }]);
    const after = serverPids();
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
  });
});

it("a shorter retention of audit rows is previewed, and then applied", async () => {
  stack.configure((config) => {
    config["sark-databases:audit"] = { home: "local", retention: { audit_events: "45 days" } };
  });
  const { stdout } = await stack.mustRun("preview", "--json");
  const plan = JSON.parse(stdout) as { resources: { op: string; type: string; inputs: unknown }[] };
  const [policies, ...others] = plan.resources.filter(({ op }) => op !== "same");
  expect(others).toEqual([]);
  expect(policies).toMatchObject({
    op: "update",
    inputs: { dropAfter: { audit_events: "45 days" } },
  });

  await stack.mustRun("up", "--yes");
  const jobs = await stack.withLogin("sark_audit_admin", (client) =>
    client.query(
      `select hypertable_name as name, config ->> 'drop_after' as age from timescaledb_information.jobs
        where proc_name = 'policy_retention' and hypertable_name in ('audit_events', 'policy_evaluations') order by 1`,
    ),
  );
  expect(jobs.rows).toEqual([
    { name: "audit_events", age: "45 days" },
    { name: "policy_evaluations", age: "30 days" },
  ]);
  // The committed dumps contain 90 days.
  const after = await stack.mustRun("preview", "--json");
  expect(JSON.parse(after.stdout)).toMatchObject({ schemaDrift: AS_THE_FILES_MAKE_IT });
});

it("a rotation gives the idle login a new password, and does not change the active login's", async () => {
  const { stdout: url } = await stack.mustRun("secret", "sark_app", "--url", "--pool");
  stack.configure((config) => {
    config["sark-databases:rotation"] = 2;
  });
  await stack.mustRun("up", "--yes");

  const who = (client: { query(text: string): Promise<{ rows: unknown[] }> }) =>
    client.query("select session_user as name");
  expect((await stack.withLogin("sark_app", who, { pool: true })).rows).toEqual([
    { name: "sark_app_b" },
  ]);
  expect(new URL(url.trim()).username).toBe("sark_app_a");
  expect((await stack.mustRun("secret", "sark_app", "--url", "--pool")).stdout).not.toBe(url);
});

it("an up restores the stack local after kill -9 of its servers, without lost rows", async () => {
  for (const pid of serverPids()) process.kill(pid, "SIGKILL");

  const { code: exit, stdout } = await stack.run("status");
  expect(exit).toBe(1);
  expect(stdout).toContain("does not answer");

  await stack.mustRun("up", "--yes");
  const { rows } = await stack.withLogin("sark_readonly", (client) =>
    client.query("select username from users"),
  );
  expect(rows).toEqual([{ username: "ada" }]);
  expect(await stack.run("up", "--yes", "--expect-no-changes")).toMatchObject({ code: 0 });
});

it("destroy removes processes, data and state of the stack local", async () => {
  await stack.mustRun("destroy", "--yes");
  for (const port of Object.values(stack.ports))
    expect([port, await isFree(port)]).toEqual([port, true]);
  expect(fs.existsSync(path.join(stack.folder, ".sark", "local"))).toBe(false);
  expect(fs.readdirSync(path.join(stack.folder, ".sark", "state", "embedded"))).toEqual([]);
});
