import fc from "fast-check";

import {
  DEFAULT_SETTINGS,
  pgbouncerProblems,
  renderPgbouncerIni,
} from "../../../../components/pool/plan/pgbouncer-ini";
import type { PgBouncerConfig } from "../../../../components/pool/plan/pgbouncer-ini";

/** An untyped configuration, as from plain JavaScript or a settings file. */
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
  it("renders sections, entries and keys sorted, with quoted connection parameters", () => {
    const config = {
      databases: {
        sark_audit: { port: 5433, host: "127.0.0.1" },
        sark: { host: "127.0.0.1", dbname: "sark", pool_mode: "session", reserve_pool_size: 2 },
      },
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

  it("limits the wait for a connection, but not every query", () => {
    expect(Object.keys(DEFAULT_SETTINGS)).not.toContain("query_timeout");
    expect(DEFAULT_SETTINGS.query_wait_timeout).toBe(30);
  });

  it("ignores undefined values instead of writing empty ones", () => {
    const settings = { pool_mode: undefined, auth_type: undefined };
    expect(renderPgbouncerIni(untyped({ settings }))).toEqual(renderPgbouncerIni(untyped({})));
  });

  it("gives the same text for any order of keys", () => {
    const settings: [string, number][] = [
      ["listen_port", 1],
      ["stats_period", 2],
      ["verbose", 3],
    ];
    const render = (entries: [string, number][]) =>
      renderPgbouncerIni(untyped({ settings: Object.fromEntries(entries) })).text;
    expect(render([...settings].reverse())).toBe(render(settings));
  });

  it("leaves out settings that the version lacks, and reports them", () => {
    const databases = { sark: { reserve_pool_size: 1 } };
    const old = renderPgbouncerIni({ version: "1.20.0", databases });
    expect(old.leftOut).toEqual(["pgbouncer.max_prepared_statements (from 1.21)"]);
    expect(old.text).not.toMatch(/max_prepared/);
    // Older name of the same parameter.
    expect(old.text).toContain("sark = reserve_pool='1'\n");
    expect(renderPgbouncerIni({ version: "1.21.0", databases }).leftOut).toEqual([]);

    const recent = renderPgbouncerIni({ version: "1.24.0", databases });
    expect(recent.leftOut).toEqual([]);
    expect(recent.text).toContain("sark = reserve_pool_size='1'\n");
  });

  it("overrides all other settings with the security settings", () => {
    const settings = { auth_type: "md5", server_tls_protocols: "all" };
    const { text } = renderPgbouncerIni(untyped({ settings }));
    expect(text).toEqual(renderPgbouncerIni(untyped({})).text);
  });

  it("rejects a value with a line break anywhere", () => {
    const hostile = "10\npool_mode = session";
    for (const config of [
      { settings: { default_pool_size: hostile } },
      { settings: { logfile: hostile } },
      { databases: { sark: { host: hostile } } },
    ]) {
      expect(refusal(config)).toMatch(
        /no control characters.*a line break would start another setting/,
      );
    }
    expect(refusal({ settings: { logfile: "a\0b" } })).toMatch(/no control characters/);
    expect(refusal({ databases: { sark: { host: "a\u0085b" } } })).toMatch(/no control/);
  });

  it("never lets a value start another line", () => {
    const special = Array.from("\n\r\0\v\f\t\u0085\u2028'\"\\ ;#%[]=");
    const characters = [...special, "pool_mode = session", "a", "é"];
    const lineCount = renderPgbouncerIni(
      untyped({ databases: { x: { dbname: "x" } }, settings: { logfile: "x" } }),
    ).text.split("\n").length;
    let accepted = 0;
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...characters), maxLength: 6 }), (value) => {
        const config = untyped({
          databases: { x: { dbname: value } },
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

  it.each(["1.17.0", "newest"])("rejects version %s with the reason", (version) => {
    expect(refusal({ version })).toMatch(/1\.18 or later/);
  });

  it("reports all problems at once", () => {
    const config = untyped({
      databases: { sark: { dbname: "a\n" } },
      settings: { logfile: "b\n", job_name: "c\0" },
    });
    expect(pgbouncerProblems(config).map(({ key }) => key)).toEqual([
      "databases.sark.dbname",
      "pgbouncer.job_name",
      "pgbouncer.logfile",
    ]);
  });
});
