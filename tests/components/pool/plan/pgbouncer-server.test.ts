import { Client } from "pg";

import {
  OPEN_FILES_MARGIN,
  openFilesBudget,
} from "../../../../components/connections/plan/connection-budget";
import {
  DEFAULT_SETTINGS,
  FORCED_SETTINGS,
  renderPgbouncerIni,
  renderUserlist,
  RESTART_KEYS,
} from "../../../../components/pool/plan/pgbouncer-ini";
import type { PgBouncerConfig } from "../../../../components/pool/plan/pgbouncer-ini";
import { HOST } from "../../../../components/homes/local/processes/ports";
import {
  CONSOLE,
  describeWithPgbouncer,
  pgbouncerProgram,
  placeSettings,
  startPgbouncer,
} from "../../../support/started-pgbouncer";
import type { RunningPgbouncer } from "../../../support/started-pgbouncer";

const PRINTABLE = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join("");

describeWithPgbouncer("rendered pgbouncer.ini on a real PgBouncer", () => {
  const version = pgbouncerProgram?.version ?? "";
  const userlist = renderUserlist([CONSOLE]);
  const running: RunningPgbouncer[] = [];

  async function start(config: Omit<PgBouncerConfig, "version">): Promise<RunningPgbouncer> {
    const pgbouncer = await startPgbouncer((place) => {
      const settings = { ...config.settings, ...placeSettings(place) };
      return renderPgbouncerIni({ ...config, version, settings }).text;
    }, userlist);
    running.push(pgbouncer);
    return pgbouncer;
  }

  afterEach(async () => {
    await Promise.all(running.splice(0).map((pgbouncer) => pgbouncer.stop()));
  });

  async function configOf(pgbouncer: RunningPgbouncer): Promise<Map<unknown, unknown>> {
    const rows = await pgbouncer.ask("SHOW CONFIG");
    return new Map(rows.map((row) => [row["key"], row["value"]]));
  }

  it("starts with the defaults and has exactly these values", async () => {
    const config = await configOf(await start({ databases: { sark: { host: "127.0.0.1" } } }));
    const expected = { ...DEFAULT_SETTINGS, ...FORCED_SETTINGS };
    const left = renderPgbouncerIni({ version, databases: {} }).leftOut.join();
    for (const [key, value] of Object.entries(expected)) {
      const shown = left.includes(`.${key} `) ? undefined : String(value === true ? 1 : value);
      expect([key, config.get(key)]).toEqual([key, shown]);
    }
  });

  it("has the restart keys that PgBouncer reports", async () => {
    const rows = await (await start({ databases: {} })).ask("SHOW CONFIG");
    const keys = rows.map(({ key }) => String(key));
    const fixed = rows.filter(({ changeable }) => changeable === "no").map(({ key }) => key);
    expect(fixed.sort()).toEqual([...RESTART_KEYS].filter((key) => keys.includes(key)).sort());
  });

  it("is parsed back with hostile values", async () => {
    const settings = {
      job_name: `${PRINTABLE.trim()} é`,
      server_check_query: "select ';' -- # no comment",
      server_reset_query: "%include /etc/passwd",
      stats_users: "'a' = b",
      syslog_ident: "[databases]",
    };
    const config = await configOf(await start({ databases: {}, settings }));
    for (const [key, value] of Object.entries(settings)) expect(config.get(key)).toBe(value);
  });

  it("is parsed back with hostile connection parameters", async () => {
    const dbname = `it's "a" ${PRINTABLE}`;
    const plain = { dbname, host: "ho'st", user: "us'er = x", port: 1234 };
    const pgbouncer = await start({
      databases: {
        plain,
        "with-all_the.others": { pool_mode: "session", pool_size: 7, reserve_pool_size: 3 },
      },
    });
    const rows = await pgbouncer.ask("SHOW DATABASES");
    const found = rows.find(({ name }) => name === "plain");
    expect(found).toMatchObject({
      database: dbname,
      force_user: "us'er = x",
      host: "ho'st",
      pool_mode: null,
    });
    expect(String(found?.["port"])).toBe("1234");
    const other = rows.find(({ name }) => name === "with-all_the.others");
    expect(other).toMatchObject({ database: "with-all_the.others", pool_mode: "session" });
    expect([other?.["pool_size"], other?.["reserve_pool"] ?? other?.["reserve_pool_size"]]).toEqual(
      [7, 3],
    );
    expect(rows.map(({ name }) => name).sort()).toEqual([
      "pgbouncer",
      "plain",
      "with-all_the.others",
    ]);
  });

  it("would fail to start with a trailing comment, so the check works", async () => {
    const text = (place: Parameters<typeof placeSettings>[0]) =>
      renderPgbouncerIni({ version, databases: {}, settings: placeSettings(place) }).text;
    const commented = startPgbouncer(
      (place) => text(place).replace("= transaction\n", "= transaction # or session\n"),
      userlist,
    );
    await expect(commented).rejects.toThrow(/invalid value "transaction # or session"/);
  });

  it("rejects a wrong password", async () => {
    const pgbouncer = await start({ databases: {} });
    const login = { database: "pgbouncer", user: CONSOLE.name, password: "wrong" };
    await expect(pgbouncer.query(login, "SHOW VERSION")).rejects.toThrow(/SASL|password/i);
  });

  it("serves as many clients as the open-file budget allows, and hangs beyond", async () => {
    const plan = {
      instances: 1,
      maxSurge: 0,
      entries: [],
      defaultPoolSize: 1,
      reservePoolSize: 0,
      maxDbConnections: 0,
      maxClientConn: 40,
      openFiles: 40 + OPEN_FILES_MARGIN,
    };
    expect(openFilesBudget(plan).fits).toBe(true);
    const pgbouncer = await startPgbouncer(
      (place) => {
        // The program itself would accept all of these; only the open files run out.
        const settings = { max_client_conn: 1000, ...placeSettings(place) };
        return renderPgbouncerIni({ version, databases: {}, settings }).text;
      },
      userlist,
      plan.openFiles,
    );
    running.push(pgbouncer);

    const clients: Client[] = [];
    const connect = async () => {
      const { port } = pgbouncer.place;
      const login = { database: "pgbouncer", user: CONSOLE.name, password: CONSOLE.secret };
      const client = new Client({ host: HOST, port, ...login, connectionTimeoutMillis: 2000 });
      await client.connect();
      clients.push(client);
    };
    try {
      for (let count = 0; count < plan.maxClientConn; count += 1) await connect();
      const beyond = async () => {
        for (let count = 0; count < OPEN_FILES_MARGIN; count += 1) await connect();
      };
      await expect(beyond()).rejects.toThrow(/timeout/);
      expect(await pgbouncer.logs(/accept\(\) failed: Too many open files/)).toBe(true);
    } finally {
      await Promise.all(clients.map((client) => client.end()));
    }
  }, 20_000);
});
