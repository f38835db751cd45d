import fc from "fast-check";

import {
  DEFAULT_SETTINGS,
  pgbouncerProblems,
  renderPgbouncerIni,
} from "../../../../components/pool/plan/pgbouncer-ini";
import type { PgBouncerConfig } from "../../../../components/pool/plan/pgbouncer-ini";
import { SETTING_KINDS, SINCE } from "../../../../components/pool/plan/pgbouncer-keys";

/** A configuration as a caller of plain JavaScript, or a settings file, could give it. */
function untyped(config: Record<string, unknown>): PgBouncerConfig {
  return { version: "1.25.2", databases: {}, ...config };
}

function refusal(config: Record<string, unknown>): string {
  try {
    renderPgbouncerIni(untyped(config));
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
  return "not refused";
}

describe("renderPgbouncerIni", () => {
  it("renders sections, entries and keys sorted, with connection parameters quoted", () => {
    const config = {
      databases: {
        sark_audit: { port: 5433, host: "127.0.0.1" },
        sark: { host: "127.0.0.1", dbname: "sark", pool_mode: "session", reserve_pool_size: 2 },
      },
      users: { sark_migrate: { pool_mode: "session" } },
      settings: { listen_port: 6432, so_reuseport: true, logfile: undefined },
    };
    const { text, leftOut } = renderPgbouncerIni(untyped(config));

    expect(leftOut).toEqual([]);
    expect(text)
      .toBe(`; Written by the stack: an edit is lost. A comment must have a line of its own.
[databases]
sark = dbname='sark' host='127.0.0.1' pool_mode='session' reserve_pool_size='2'
sark_audit = host='127.0.0.1' port='5433'

[users]
sark_migrate = pool_mode='session'

[pgbouncer]
auth_type = scram-sha-256
client_tls_protocols = secure
default_pool_size = 25
ignore_startup_parameters = extra_float_digits
listen_port = 6432
log_connections = 1
log_disconnections = 1
log_pooler_errors = 1
max_client_conn = 1000
max_db_connections = 100
max_prepared_statements = 200
max_user_connections = 100
pool_mode = transaction
query_wait_timeout = 30
reserve_pool_size = 5
reserve_pool_timeout = 3
server_connect_timeout = 15
server_idle_timeout = 600
server_lifetime = 3600
server_login_retry = 1
server_tls_protocols = secure
so_reuseport = 1
`);
  });

  it("does not bound every query: only the wait for a connection", () => {
    expect(Object.keys(DEFAULT_SETTINGS)).not.toContain("query_timeout");
    expect(DEFAULT_SETTINGS.query_wait_timeout).toBe(30);
  });

  it("takes an absent value for one not given, not for an empty one", () => {
    const settings = { pool_mode: undefined, auth_type: undefined };
    expect(renderPgbouncerIni(untyped({ settings }))).toEqual(renderPgbouncerIni(untyped({})));
  });

  it("gives the same text whatever the order of the keys", () => {
    const settings: [string, number][] = [
      ["listen_port", 1],
      ["stats_period", 2],
      ["verbose", 3],
    ];
    const render = (entries: [string, number][]) =>
      renderPgbouncerIni(untyped({ settings: Object.fromEntries(entries) })).text;
    expect(render([...settings].reverse())).toBe(render(settings));
  });

  it("leaves out what the version lacks, and says so", () => {
    const config = {
      databases: { sark: { auth_dbname: "sark", reserve_pool_size: 1 } },
      users: { app: { pool_size: 3 } },
      settings: { auth_dbname: "sark" },
    } as const;
    const old = renderPgbouncerIni({ version: "1.18.0", ...config });
    expect(old.leftOut).toEqual([
      { section: "databases", entry: "sark", key: "auth_dbname", since: "1.19" },
      { section: "users", entry: "app", key: "pool_size", since: "1.23" },
      { section: "pgbouncer", key: "auth_dbname", since: "1.19" },
      { section: "pgbouncer", key: "max_prepared_statements", since: "1.21" },
    ]);
    expect(old.text).not.toMatch(/auth_dbname|max_prepared|pool_size='3'/);
    // The older spelling of the same parameter.
    expect(old.text).toContain("sark = reserve_pool='1'\n");

    const recent = renderPgbouncerIni({ version: "1.24.0", ...config });
    expect(recent.leftOut).toEqual([]);
    expect(recent.text).toContain("sark = auth_dbname='sark' reserve_pool_size='1'\n");
  });

  it("knows a key from the version in its table on, not before", () => {
    for (const [key, since] of Object.entries(SINCE.pgbouncer)) {
      const before = since.replace(/\d+$/, (minor) => String(Number(minor) - 1));
      const settings = { [key]: SETTING_KINDS.get(key) === "text" ? "x" : 1 };
      expect(renderPgbouncerIni(untyped({ version: since, settings })).text).toContain(
        `\n${key} =`,
      );
      expect(renderPgbouncerIni(untyped({ version: before, settings })).text).not.toContain(
        `\n${key} =`,
      );
    }
  });

  it("quotes a name that needs it from 1.25 on, and refuses it before", () => {
    const databases = { 'a "b" [c];': { host: "h" } };
    expect(renderPgbouncerIni({ version: "1.25.0", databases }).text).toContain(
      `\n'a "b" [c];' = host='h'\n`,
    );
    expect(refusal({ version: "1.24.1", databases })).toMatch(
      /PgBouncer before 1\.25 cannot read any other name/,
    );
  });

  it("refuses a value with a line break, in every place, and does not repair it", () => {
    const hostile = "10\npool_mode = session";
    for (const config of [
      { settings: { default_pool_size: hostile } },
      { settings: { logfile: hostile } },
      { databases: { sark: { host: hostile } } },
      { databases: { [hostile]: {} } },
      { users: { [hostile]: {} } },
      { users: { app: { pool_mode: hostile } } },
    ]) {
      expect(refusal(config)).toMatch(/no control characters.*a line break would start a setting/);
    }
    expect(refusal({ settings: { logfile: "a\0b" } })).toMatch(/no control characters/);
    expect(refusal({ databases: { sark: { host: "a\u0085b" } } })).toMatch(/no control/);
  });

  it("never lets a value make another line, whatever it is", () => {
    const special = Array.from("\n\r\0\v\f\t\u0085\u2028'\"\\ ;#%[]=");
    const characters = [...special, "pool_mode = session", "a", "é"];
    const lineCount = renderPgbouncerIni(
      untyped({ databases: { x: { password: "x" } }, settings: { logfile: "x" } }),
    ).text.split("\n").length;
    let accepted = 0;
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...characters), maxLength: 6 }), (value) => {
        const config = untyped({
          databases: { x: { password: value } },
          settings: { logfile: value },
        });
        if (pgbouncerProblems(config).length > 0) return;
        accepted += 1;
        const lines = renderPgbouncerIni(config).text.split(/[\n\r\v\f\0]/);
        expect(lines).toHaveLength(lineCount);
        expect(lines.filter((line) => line.startsWith("pool_mode"))).toEqual([
          "pool_mode = transaction",
        ]);
      }),
      { numRuns: 1000 },
    );
    expect(accepted).toBeGreaterThan(50);
  });

  it.each([
    [
      "pool_mode",
      "transaction          # transaction, session",
      /another word, nor with a comment/,
    ],
    ["default_pool_size", "25           # connections per pool", /a whole number/],
    ["default_pool_size", "025", /octal/],
    ["default_pool_size", -1, /a whole number/],
    ["default_pool_size", 2.5, /a whole number/],
    ["server_lifetime", "10min", /seconds, as in 30/],
    ["log_connections", 2, /true or false/],
    ["listen_port", 70000, /1 to 65535/],
    ["unix_socket_mode", "700", /octal file mode/],
    ["logfile", " /var/log/x", /PgBouncer would cut it off/],
    ["ignore_startup_parameters", "extra_float_digits, options", /dropped silently/],
    ["pool_mod", "session", /did you mean pool_mode\?/],
    ["conffile", "/etc/other.ini", /allowed: a key that PgBouncer knows/],
    ["auth_type", "md5", /allowed: scram-sha-256; it is fixed/],
    ["server_tls_protocols", "all", /allowed: secure/],
  ])("refuses %s = %j and says why", (key, value, reason) => {
    const message = refusal({ settings: { [key]: value } });
    expect(message).toContain(`pgbouncer.${key}: got `);
    expect(message).toMatch(reason);
  });

  it.each([
    [{ databases: { pgbouncer: {} } }, /admin console/],
    [{ databases: { "*": {} } }, /no budget holds/],
    [{ databases: { "": {} } }, /1 to 63 bytes/],
    [{ databases: { ["é".repeat(32)]: {} } }, /1 to 63 bytes/],
    [{ databases: { "it's": {} } }, /no single quote/],
    [{ databases: { sark: { hots: "h" } } }, /databases\.sark\.hots: .*did you mean host\?/],
    [{ databases: { sark: { dbname: "" } } }, /syntax error/],
    [{ databases: { sark: { port: 0 } } }, /1 to 65535/],
    [{ users: { app: { max_db_connections: 1 } } }, /did you mean max_user_connections\?/],
    [{ version: "1.17.0" }, /1\.18 or later/],
    [{ version: "newest" }, /1\.18 or later/],
  ])("refuses %j and says why", (config, reason) => {
    expect(refusal(config)).toMatch(reason);
  });

  it("tells all problems at once, and shows no password", () => {
    const config = untyped({
      databases: { sark: { password: "s3cret\n", hots: "h" } },
      settings: { pool_mod: "session", listen_port: "x" },
    });
    expect(pgbouncerProblems(config).map(({ key }) => key)).toEqual([
      "databases.sark.hots",
      "databases.sark.password",
      "pgbouncer.listen_port",
      "pgbouncer.pool_mod",
    ]);
    expect(JSON.stringify(pgbouncerProblems(config))).not.toContain("s3cret");
    expect(refusal({ databases: { sark: { password: "s3cret\n" } } })).toContain("[secret]");
  });
});
