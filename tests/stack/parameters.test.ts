/** Parameters from public reports, taken through the commands that a user has. */
import { StackCopy } from "../support/stack";
import { isRunning, stop } from "../../components/local/processes/postgres";
import * as path from "node:path";

jest.setTimeout(240_000);

type Parameters = Readonly<Record<string, string | number | boolean>>;

let stack: StackCopy;
beforeAll(async () => {
  stack = await StackCopy.make();
  set({ synchronous_standby_names: "*" });
});
afterAll(() => stack.remove());

/** Sets the parameters of sark, and no others. */
function set(parameters: Parameters): void {
  stack.configure((config) => {
    config["sark-databases:sark"] = { home: "local", parameters };
  });
}

const folder = (server: string): string => path.join(stack.folder, ".sark", "local", server);

/** What a command prints that has to fail. */
async function failed(...command: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await stack.run(...command);
  expect(code).not.toBe(0);
  return `${stdout}${stderr}`;
}

it("up builds a stack whose commits wait for a replica that is not there yet", async () => {
  await stack.mustRun("up", "--yes", "--engine", "embedded");
});

it("up starts such a stack after a reboot", async () => {
  await Promise.all(["sark", "sark-replica"].map((server) => stop(folder(server))));
  await stack.mustRun("up", "--yes");
  expect(isRunning(folder("sark-replica"))).toBeDefined();
});

it.each<[Parameters]>([
  [{ statement_timeout: 1 }],
  [{ idle_session_timeout: "1ms" }],
  [{ default_transaction_read_only: true }],
])("up takes %j, and takes it back", async (parameters) => {
  set(parameters);
  await stack.run("up", "--yes");
  set({});
  await stack.mustRun("up", "--yes");
  expect((await stack.mustRun("preview")).stdout).toContain("No changes: ");
});

it.each<[Parameters, string]>([
  [
    { session_preload_libraries: "pg_hint_plan" },
    'session_preload_libraries: library "pg_hint_plan" does not come with the embedded PostgreSQL',
  ],
  [
    { local_preload_libraries: "auto_explain" },
    'local_preload_libraries: library "auto_explain" does not come',
  ],
  [
    { transaction_timeout: 1 },
    "sark-databases:sark.parameters.transaction_timeout: got 1; allowed: 0, or at least 1s",
  ],
  [
    { ssl: true },
    "sark-databases:sark.parameters.ssl: got true; allowed: nothing: the local home sets it",
  ],
  [{ ssl_cert_file: "mine.crt" }, "sark-databases:sark.parameters.ssl_cert_file: "],
  [{ wal_level: "minimal", max_wal_senders: 0 }, "sark-databases:sark.parameters.wal_level: "],
  [{ log_statement: "everything" }, "the server knows no other word"],
])("preview refuses %j with key and reason", async (parameters, text) => {
  set(parameters);
  expect(await failed("preview")).toContain(text);
});

it("up takes values in the server's notation", async () => {
  set({
    log_min_messages: "WARNING",
    log_statement: "DDL",
    synchronous_commit: false,
    work_mem: "1.1MB",
    jit: "of",
    "my_app.user": "somebody",
  });
  await stack.mustRun("up", "--yes");
  const shown = await stack.as("sark_readonly", async (client) => {
    const { rows } = await client.query<{ name: string; value: string }>(
      `select name, current_setting(name) as value
       from unnest(array['log_min_messages', 'log_statement', 'synchronous_commit', 'work_mem', 'jit', 'my_app.user']) as name`,
    );
    return rows.map(({ value }) => value);
  });
  expect(shown).toEqual(["warning", "ddl", "off", "1126kB", "off", "somebody"]);
  expect((await stack.mustRun("preview")).stdout).toContain("No changes: ");
});
