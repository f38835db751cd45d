import { Client } from "pg";
import {
  majorVersions,
  parameterFacts,
  parameterNames,
  parseSetting,
  renderValue,
} from "../../../components/parameters/parameters";
import { startScratchPostgres } from "../../../scratch/scratch-postgres";
import type { ScratchPostgres } from "../../../scratch/scratch-postgres";

describe("parameter facts", () => {
  it("have unit, limits and restart of shared_buffers on every major version", () => {
    for (const major of majorVersions) {
      expect(parameterFacts(major, "shared_buffers")).toEqual({
        name: "shared_buffers",
        vartype: "integer",
        unit: "8kB",
        context: "postmaster",
        min: 16,
        max: 1073741823,
        boot: "16384",
        restart: true,
      });
    }
  });

  it("differ between major versions where the servers do", () => {
    expect(parameterFacts(17, "autovacuum_max_workers").restart).toBe(true);
    expect(parameterFacts(18, "autovacuum_max_workers").restart).toBe(false);
    expect(parameterFacts(17, "log_connections").vartype).toBe("bool");
    expect(parameterFacts(18, "log_connections").vartype).toBe("string");
    expect(() => parameterFacts(17, "io_workers")).toThrow(/PostgreSQL 17/);
  });

  it("ignore the case of a name, as the server does", () => {
    expect(parameterFacts(18, "TimeZone").name).toBe("timezone");
  });

  it("suggest the closest parameter for an unknown name", () => {
    expect(() => parameterFacts(18, "shared_bufers")).toThrow(
      /shared_bufers.*such as shared_buffers/s,
    );
    expect(() => parameterFacts(18, "constructor")).toThrow(/constructor/);
  });

  it("contain no read-only parameters and no values of the build machine", () => {
    for (const major of majorVersions) {
      expect(parameterNames(major)).not.toContain("server_version");
      const boots = parameterNames(major).map((name) => parameterFacts(major, name).boot ?? "");
      expect(boots.filter((boot) => boot.startsWith("/"))).toEqual([]);
    }
  });
});

describe("parameter value", () => {
  it.each([
    ["shared_buffers", 262144, "2GB"],
    ["shared_buffers", 131073, "1048584kB"],
    ["work_mem", 1792, "1792kB"],
    ["max_wal_size", 4096, "4GB"],
    ["max_slot_wal_keep_size", -1, "-1"],
    ["autovacuum_naptime", 60, "1min"],
    ["log_min_duration_statement", 1000, "1s"],
    ["log_temp_files", 0, "0"],
    ["random_page_cost", 1.1, "1.1"],
    ["max_connections", 200, "200"],
    ["jit", false, "off"],
    ["wal_level", "replica", "replica"],
  ])("is rendered and parsed back: %s = %p as %s", (name, value, setting) => {
    expect(renderValue(18, name, value)).toBe(setting);
    expect(parseSetting(18, name, setting)).toBe(value);
  });

  it.each([
    ["max_connections", 0, /max_connections: got 0; allowed: a whole number from 1 to 262143/],
    ["max_connections", 1.5, /got 1.5; allowed: a whole number/],
    ["max_connections", NaN, /got NaN/],
    ["max_connections", "200", /got "200"; allowed: a whole number/],
    ["work_mem", 63, /work_mem: got 63; allowed: a whole number from 64kB .*in units of kB/],
    ["random_page_cost", -1, /from 0 to/],
    ["jit", "on", /allowed: true or false/],
    ["wal_level", "archive", /allowed: minimal, replica, logical/],
    ["wal_compression", "lz4", /allowed: pglz, on, off/],
    [
      "log_line_prefix",
      "%m\nfsync = off",
      /got "%m\\nfsync = off"; allowed: a single line of text/,
    ],
  ])("is rejected with the allowed values: %s = %p", (name, value, message) => {
    expect(() => renderValue(18, name, value)).toThrow(message);
  });

  it("is rejected in a unit that the parameter does not have", () => {
    expect(() => parseSetting(18, "work_mem", "5min")).toThrow(/got "5min"/);
    expect(() => parseSetting(18, "max_connections", "2GB")).toThrow(/got "2GB"/);
  });
});

// The files were read from Linux builds; on other systems some enums differ.
const onLinux = process.platform === "linux" ? describe : describe.skip;

onLinux("generated parameter files (made from Linux builds)", () => {
  let server: ScratchPostgres;
  beforeAll(async () => {
    server = await startScratchPostgres({ preload: ["pg_stat_statements"] });
  }, 60_000);
  afterAll(async () => {
    await server.stop();
  });

  it("agree with the server on how every default is printed", async () => {
    const client = new Client({ connectionString: server.connectionString });
    await client.connect();
    try {
      const { rows } = await client.query<{ name: string; value: string; setting: string }>(
        "select name, setting as value, current_setting(name) as setting from pg_settings" +
          " where vartype in ('integer', 'real') and context <> 'internal'" +
          // The server shows these in octal, or as the operating system has them.
          " and name not in ('log_file_mode', 'unix_socket_permissions')" +
          " and name not like 'tcp\\_%'",
      );
      expect(rows.length).toBeGreaterThan(150);
      for (const { name, value, setting } of rows) {
        expect([name, renderValue(18, name, Number(value))]).toEqual([name, setting]);
      }
    } finally {
      await client.end();
    }
  });
});
