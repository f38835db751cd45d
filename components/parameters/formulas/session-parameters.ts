import type { ParameterEntry } from "./parameter-entry";
import { superuserReserved } from "./tuning-problems";

export const sessionParameters: readonly ParameterEntry[] = [
  {
    // Costs are the guide's. Network storage handles more concurrent requests (pgtune's figure).
    set: {
      random_page_cost: ({ input }) => (input.storage === "hdd" ? 4 : 1.1),
      effective_io_concurrency: ({ input }) => ({ hdd: 2, ssd: 200, san: 300 })[input.storage],
    },
    formula: "SSD 1.1 and 200, spinning disk 4 and 2, network storage 1.1 and 300",
    whyNotTools: "the guide's value for an SSD",
  },
  {
    set: { max_connections: ({ input }) => input.maxConnections },
    formula: "the setting `connections`, or the default of the application's tier",
    hotStandby: true,
  },
  {
    set: { "timescaledb.telemetry_level": "off" },
    workload: "time-series",
    formula: "off: an audit database must not send telemetry",
  },
  {
    set: { superuser_reserved_connections: superuserReserved },
    aws: {
      leftOut:
        "RDS reserves three for its own administrators, plus those of rds.rds_superuser_reserved_connections",
    },
  },
  {
    set: { password_encryption: "scram-sha-256" },
    aws: {
      default: "scram-sha-256",
      forced: { value: "scram-sha-256", why: "an attacker can log in with an md5 hash alone" },
    },
  },
  {
    set: { jit: false },
    whyNotGuide:
      'JIT costs a short statement more than it saves (PostgreSQL manual, "When to JIT?"), and its memory is not in the sum; pgtune (for OLTP) and timescaledb-tune turn it off as well',
  },
  { set: { default_statistics_target: 100, "pg_stat_statements.max": 10_000 } },
  { set: { "pg_stat_statements.track": "all" }, aws: { words: ["ALL", "TOP", "NONE"] } },
  { set: { track_io_timing: true }, aws: { default: "1" } },
];
