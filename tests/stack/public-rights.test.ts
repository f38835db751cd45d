/** Privileges that PostgreSQL grants every login by default, tried as each login on the servers of a stack. */
import { Client } from "pg";
import type { Purpose } from "../../components/roles/plan/logins";
import type { DatabaseName } from "../../components/roles/plan/role-plan";
import { UNUSED_DATABASES } from "../../components/roles/plan/public-rights-plan";
import { DENIED, sqlStateOf } from "../support/expect-sql";
import { StackCopy } from "../../scratch/scratch-stack";

jest.setTimeout(180_000);

let stack: StackCopy;
beforeAll(async () => {
  stack = await StackCopy.make();
  await stack.mustRun("up", "--yes", "--engine", "embedded");
});
afterAll(() => stack.remove());

const urls = new Map<string, Promise<string>>();

/** Runs work as a login, on its own database or another one of the same server. */
async function as<T>(
  { login, pool }: { readonly login: string; readonly pool: boolean },
  work: (client: Client) => Promise<T>,
  database?: string,
): Promise<T> {
  const args = ["secret", login, "--url", ...(pool ? ["--pool"] : [])];
  const key = args.join(" ");
  const asked = urls.get(key) ?? stack.mustRun(...args).then(({ stdout }) => stdout.trim());
  urls.set(key, asked);
  const url = new URL(await asked);
  if (database !== undefined) url.pathname = `/${database}`;
  const client = new Client({ connectionString: url.toString() });
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
  }
}

const DATABASES: readonly DatabaseName[] = ["sark", "sark_audit"];
const PURPOSES = ["app", "readonly", "migrate", "maintain", "monitor", "pgbouncer"] as const;
/** Logins that may use PgBouncer. */
const POOLED: readonly Purpose[] = ["app", "readonly"];

const LOGINS = DATABASES.flatMap((database) =>
  PURPOSES.flatMap((purpose) =>
    (POOLED.includes(purpose) ? [false, true] : [false]).map((pool) => ({
      ...{ database, purpose, pool, login: `${database}_${purpose}` },
      way: pool ? "through the pool" : "directly",
    })),
  ),
);

/** SQLSTATEs of the statements, each in its own transaction that is rolled back. */
function tried(client: Client, statements: readonly string[]): Promise<readonly string[]> {
  return statements.reduce<Promise<readonly string[]>>(async (before, statement) => {
    const results = await before;
    await client.query("begin");
    const result = await sqlStateOf(client.query(statement));
    await client.query("rollback");
    return [...results, `${statement}: ${result}`];
  }, Promise.resolve([]));
}

const denied = (statements: readonly string[]) =>
  statements.map((statement) => `${statement}: ${DENIED}`);

const WRITES = [
  "select lo_creat(-1)",
  "select lo_create(0)",
  "select lo_from_bytea(0, 'x')",
  "select lo_put(1, 0, 'x')",
  "select lo_open(1, 131072)",
  "select lowrite(0, 'x')",
  "select loread(0, 1)",
  "select lo_truncate(0, 1)",
  "select lo_truncate64(0, 1)",
  "select lo_get(1)",
  "select lo_unlink(1)",
  "select pg_logical_emit_message(false, 'x', 'x')",
  "select pg_logical_emit_message(true, 'x', 'x'::bytea)",
  "create temporary table own (id int)",
];

const LOCKS = [
  // Released in the same statement: the next client of the pool gets the same session.
  "select pg_advisory_lock(1), pg_advisory_unlock(1)",
  "select pg_try_advisory_lock(1, 1), pg_advisory_unlock(1, 1)",
  "select pg_advisory_xact_lock_shared(1)",
];

const ADD_JOB = ["select public.add_job('pg_catalog.pg_sleep', '1 hour')"] as const;

it.each(LOGINS)(
  "login $login connected $way cannot write files, large objects or WAL that fill the disk",
  async (login) => {
    const results = await as(login, (client) => tried(client, WRITES));
    expect(results).toEqual(denied(WRITES));
  },
);

it.each(LOGINS)(
  "login $login connected $way can take an advisory lock only if it writes or migrates",
  async (login) => {
    const { purpose, database } = login;
    const results = await as(login, (client) => tried(client, LOCKS));
    const may =
      ["app", "migrate"].includes(purpose) ||
      // The maintenance login is a member of the owner.
      (purpose === "maintain" && database === "sark");
    expect(results).toEqual(may ? LOCKS.map((lock) => `${lock}: ok`) : denied(LOCKS));
  },
);

it.each(LOGINS.filter(({ database }) => database === "sark_audit"))(
  "login $login connected $way cannot add a job",
  async (login) => {
    expect(await as(login, (client) => tried(client, ADD_JOB))).toEqual(denied(ADD_JOB));
  },
);

describe.each(UNUSED_DATABASES)("the unused database %s", (unused) => {
  it.each(LOGINS)("refuses $login connected $way", async (login) => {
    const { pool, database } = login;
    // The embedded TimescaleDB has one database, and PgBouncer only has those in its list.
    const missing = pool ? "08P01" : "3D000";
    const expected = pool || database === "sark_audit" ? missing : DENIED;
    expect(await sqlStateOf(as(login, () => Promise.resolve(), unused))).toBe(expected);
  });

  it.each(DATABASES)("gives PUBLIC no privilege on the server of %s", async (database) => {
    const sql = `select p as privilege from unnest(array['connect', 'temporary', 'create']) as p
                  where has_database_privilege('public', $1, p)`;
    const { rows } = await as({ login: `${database}_admin`, pool: false }, (client) =>
      client.query(sql, [unused]),
    );
    expect(rows).toEqual([]);
  });
});

/** Each is sent as its own message, as injected SQL would be. */
const ESCAPES = [
  "reset session authorization",
  "set session authorization postgres",
  "set role postgres",
  "reset role",
  "discard all",
  "select set_config('role', 'postgres', false)",
  "rollback; reset session authorization; set role postgres",
];
const REACHES = [
  "load 'plpgsql'",
  "copy (select 1) to program 'id'",
  "copy (select 1) to '/tmp/stolen'",
  "select pg_read_file('PG_VERSION')",
  "select lo_export(1, '/tmp/stolen')",
  "select * from pg_authid",
];

it.each(LOGINS)("login $login connected $way cannot become another role", async (login) => {
  const who = "select session_user::text as session, current_user::text as current";
  await as(login, async (client) => {
    const [self] = (await client.query<Record<string, string>>(who)).rows;
    for (const escape of ESCAPES) {
      await sqlStateOf(client.query(escape));
      const { rows } = await client.query<Record<string, string>>(who);
      expect([escape, rows]).toEqual([escape, [self]]);
      expect(self?.["session"]).toMatch(new RegExp(`^${login.login}(_[ab])?$`));
    }
    expect(await tried(client, REACHES)).toEqual(denied(REACHES));
  });
});

it("a second up with restricted PUBLIC privileges has no changes", async () => {
  expect(await stack.run("up", "--yes", "--expect-no-changes")).toMatchObject({ code: 0 });
});

it("the owner of the audit trail can add a job, as its migrations do", async () => {
  await as({ login: "sark_audit_migrate", pool: false }, async (client) => {
    await client.query("set role sark_audit_owner");
    expect(await tried(client, ADD_JOB)).toEqual([`${ADD_JOB[0]}: ok`]);
  });
});
