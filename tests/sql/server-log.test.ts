/** Which of the users' values get into the server's log, with the parameters that a stack computes. */
import { randomBytes } from "node:crypto";
import type { Client } from "pg";
import { tune } from "../../components/parameters/formulas/tune";
import { sqlStateOf, valueOf } from "../support/expect-sql";
import { EVENT_CODES, logEvents } from "../support/log-events";
import { migratedSark, type TestServer } from "../../scratch/migrated";

jest.setTimeout(120_000);

let server: TestServer;
let admin: Client;

beforeAll(async () => {
  const shipped = tune({
    memory: 2 ** 30,
    vcpus: 2,
    storage: "ssd",
    workload: "oltp",
    maxConnections: 100,
    majorVersion: 18,
  });
  server = await migratedSark(
    Object.fromEntries(shipped.map(({ name, setting }) => [name, setting])),
  );
  admin = await server.connect("postgres");
});

afterAll(() => server.stop());

type LogKind = "stderr" | "csvlog";

/** The events that log the value. */
async function leaks(kind: LogKind = "stderr"): Promise<readonly string[]> {
  const canaries = new Map<string, string>();
  const from = await logSize(kind);
  for (const [event, happen] of Object.entries(logEvents(server))) {
    const canary = `canary${randomBytes(6).toString("hex")}`;
    canaries.set(event, canary);
    expect([event, await happen(canary)]).toEqual([event, EVENT_CODES[event] ?? "ok"]);
  }
  const log = await logFrom(from, kind);
  expect(log.length).toBeGreaterThan(1000);
  return [...canaries].filter(([, canary]) => log.includes(canary)).map(([event]) => event);
}

/** All server log text: there is a file for each weekday, and the day may change during the test. */
const wholeLog = async (kind: LogKind): Promise<string> =>
  String(
    await valueOf(
      admin,
      `select coalesce(string_agg(pg_read_file(current_setting('log_directory') || '/' || name), '' order by modification), '')
         from pg_ls_logdir() where name like 'postgresql-%.' || $1`,
      [kind === "stderr" ? "log" : "csv"],
    ),
  );

const logSize = async (kind: LogKind = "stderr"): Promise<number> => (await wholeLog(kind)).length;

/**
 * The log from a position on. The server writes before it answers, but through a pipe: so the test waits for a marker
 * line.
 */
async function logFrom(position: number, kind: LogKind = "stderr"): Promise<string> {
  const end = `end ${randomBytes(6).toString("hex")}`;
  await admin.query(`do $$ begin raise log '${end}'; end $$`);
  return eventually(async () => {
    const log = (await wholeLog(kind)).slice(position);
    return log.includes(end) ? log : undefined;
  });
}

async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 200; tries++) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("it does not come");
}

/** Changes parameters for new sessions, runs the work, and restores the stack's parameters. */
async function withParameters<T>(
  parameters: Readonly<Record<string, string>>,
  work: () => Promise<T>,
): Promise<T> {
  const reload = async (settled: string): Promise<void> => {
    await admin.query("select pg_reload_conf()");
    await eventually(async () => ((await valueOf(admin, settled)) === true ? true : undefined));
  };
  for (const [name, value] of Object.entries(parameters)) {
    await admin.query(`alter system set ${name} = '${value}'`);
  }
  const [name = "", value = ""] = Object.entries(parameters)[0] ?? [];
  await reload(`select current_setting('${name}') = '${value}'`);
  try {
    return await work();
  } finally {
    await admin.query("alter system reset all");
    await reload(`select current_setting('${name}') <> '${value}'`);
  }
}

const TABLES = ["users", "sessions", "policies", "policy_versions", "api_keys", "rate_limits"];

test("the server log holds no value with the parameters of a stack, whatever happens to the statement", async () => {
  const from = await logSize();
  expect(await leaks()).toEqual([]);
  // The log does hold the events themselves.
  const log = await logFrom(from);
  for (const line of [
    /duration: \d+.* select pg_sleep\(1\.1\), \$1::text/,
    /ERROR: {2}duplicate key value violates unique constraint "users_username_lower_key"/,
    /violates check constraint "users_password_is_hashed"/,
    /null value in column "email"/,
    /violates foreign key constraint "sessions_user_id_fkey"/,
    /invalid input syntax for type json/,
    /still waiting for ShareLock/,
    /canceling statement due to statement timeout/,
    /deadlock detected/,
    /temporary file: path/,
    /alter role sark_readonly_a password 'SCRAM-SHA-256\$/,
    /password authentication failed for user "sark_app_a"/,
  ]) {
    expect(log).toMatch(line);
  }
  expect(log).not.toMatch(/DETAIL|CONTEXT|QUERY:/);
});

test("the server log holds the same values with default parameters and without row-level security", async () => {
  const all = (change: string): string =>
    TABLES.map((table) => `alter table ${table} ${change} row level security`).join("; ");
  await admin.query(all("disable"));
  const found = await withParameters(
    {
      log_error_verbosity: "default",
      log_parameter_max_length: "-1",
      log_parameter_max_length_on_error: "-1",
    },
    () => leaks(),
  );
  await admin.query(all("enable"));
  expect(found).toEqual([
    "a slow statement",
    "a duplicate",
    "a row that a check refuses",
    "a row without a required value",
    "a reference to a missing row",
    "invalid JSON",
    "a line that cannot be copied",
    "a lock that is waited for",
    "a deadlock",
  ]);
});

test("csvlog holds details at every verbosity; row-level security keeps rows and keys out of them", async () => {
  const found = await withParameters({ log_destination: "stderr,csvlog" }, async () => {
    await eventually(async () =>
      (await valueOf(admin, "select pg_current_logfile('csvlog')")) === null ? undefined : true,
    );
    return leaks("csvlog");
  });
  expect(found).toEqual(["invalid JSON", "a line that cannot be copied"]);
});

/** No parameter prevents this, as docs/security.md says: a literal that an application sends gets logged. */
test("the server log holds a literal of a failing statement, and a value of the wrong type", async () => {
  const from = await logSize();
  const app = await server.connect("sark_app_a");
  await sqlStateOf(app.query("select 1 / 0, 'literal-canary'"));
  await sqlStateOf(app.query("select $1::uuid", ["typed-canary"]));
  const log = await logFrom(from);
  expect(log).toContain("STATEMENT:  select 1 / 0, 'literal-canary'");
  expect(log).toContain('invalid input syntax for type uuid: "typed-canary"');
});
