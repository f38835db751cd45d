import {
  forcedParameters,
  groupParameters,
} from "../../../../../../components/homes/aws/database/plan/group-parameters";
import { reservedParameters } from "../../../../../../components/homes/aws/database/plan/rds-parameters";
import type { Role } from "../../../../../../components/homes/aws/database/plan/replica-parameters";
import { hotStandbyParameters } from "../../../../../../components/parameters/formulas/tune";
import { withPlans } from "../../../../../support/registered";
import { type Changes, stackOf } from "../../plan/aws-stack";

const parametersOf = (role: Role, changes: Changes = {}) => {
  const settings = withPlans(stackOf(changes));
  return groupParameters(settings.sark, role, settings.servers.sark);
};

const valuesOf = (role: Role, changes: Changes = {}) =>
  new Map(parametersOf(role, changes).map(({ name, value }) => [name, value]));

it("an RDS parameter group has the parameters of its major version, sorted and unique", () => {
  for (const majorVersion of [16, 17, 18]) {
    for (const role of ["primary", "replica"] as const) {
      const names = parametersOf(role, { sark: { majorVersion } }).map(({ name }) => name);
      expect(names).toEqual([...new Set(names)].sort());
      expect(names.includes("io_workers")).toBe(majorVersion === 18);
    }
  }
});

it("an RDS parameter group has no parameter that RDS reserves", () => {
  const names = [...valuesOf("primary").keys(), ...valuesOf("replica").keys()];
  expect(names.filter((name) => reservedParameters.has(name))).toEqual([]);
});

it("an RDS parameter group changes with the instance class", () => {
  const larger = { sark: { rds: { instanceClass: "db.r8g.4xlarge" } } };
  // A quarter of 32 GiB less RDS's reserve, in pages of 8 kB.
  expect(valuesOf("primary").get("shared_buffers")).toBe("1006208");
  expect(valuesOf("primary", larger).get("shared_buffers")).toBe("4053632");
  expect(valuesOf("primary", larger).get("max_worker_processes")).toBe("16");
});

it("an RDS parameter group assumes network storage, whatever kind the size names", () => {
  const spinning = { sark: { size: { storage: { kind: "hdd" } } } };
  expect(valuesOf("primary", spinning).get("random_page_cost")).toBe("1.1");
  expect(valuesOf("primary", spinning).get("effective_io_concurrency")).toBe("300");
});

it("an RDS parameter group enables logical replication for blue/green only, at the next restart", () => {
  const name = "rds.logical_replication";
  expect(valuesOf("primary").has(name)).toBe(false);
  const changes = { sark: { replicas: 0, rds: { blueGreen: true } } };
  expect(parametersOf("primary", changes)).toContainEqual({
    name,
    value: "1",
    applyMethod: "pending-reboot",
  });
});

describe("values of an RDS parameter group", () => {
  it("take the stack's own value over the computed one, in RDS's notation", () => {
    const own = { sark: { parameters: { work_mem: "4MB", jit: true, Random_Page_Cost: 2 } } };
    const values = valuesOf("primary", own);
    expect(["work_mem", "jit", "random_page_cost"].map((name) => values.get(name))).toEqual([
      "4096",
      "1",
      "2",
    ]);
    expect(valuesOf("primary").get("work_mem")).toBe("73728");
  });

  it("take the forced value over the stack's own", () => {
    const weak = { sark: { parameters: { password_encryption: "md5", log_connections: "off" } } };
    expect(valuesOf("primary", weak).get("password_encryption")).toBe("scram-sha-256");
    expect(valuesOf("primary", weak).get("log_connections")).toBe("1");
    for (const [name, { value }] of Object.entries(forcedParameters)) {
      expect([name, valuesOf("replica").get(name)]).toEqual([name, value]);
    }
  });
});

it("RDS parameter groups meet the security controls for authentication and logging", () => {
  for (const role of ["primary", "replica"] as const) {
    const values = valuesOf(role);
    expect(Object.fromEntries(values)).toMatchObject({
      "rds.force_ssl": "1",
      password_encryption: "scram-sha-256",
      "rds.accepted_password_auth_method": "scram",
      "pgaudit.log": "ddl,role",
      "pgaudit.log_parameter": "0",
      log_statement: "ddl",
      log_min_duration_statement: "1000",
      log_connections: "1",
      log_disconnections: "1",
      log_min_messages: "warning",
      log_min_error_statement: "error",
      log_error_verbosity: "terse",
      log_hostname: "0",
      log_replication_commands: "1",
      log_parameter_max_length: "0",
      log_parameter_max_length_on_error: "0",
      debug_print_parse: "0",
      debug_print_plan: "0",
      debug_print_rewritten: "0",
      timezone: "UTC",
    });
    expect(values.get("shared_preload_libraries")?.split(",")).toEqual([
      "pg_stat_statements",
      "pgaudit",
    ]);
    for (const part of ["%m", "%p", "%l", "%d", "%u", "%a", "%r"]) {
      expect(values.get("log_line_prefix")).toContain(part);
    }
  }
});

describe("the parameter group of a replica", () => {
  const small = { sark: { rds: { replica: { instanceClass: "db.m8g.large" } } } };

  it("is computed for its own class", () => {
    expect(valuesOf("replica", small).get("shared_buffers")).toBe("244352");
    expect(valuesOf("primary", small).get("shared_buffers")).toBe("1006208");
  });

  it.each([
    ["with a smaller class", small],
    [
      "with raised parameters on the primary",
      {
        sark: {
          parameters: {
            max_worker_processes: 64,
            max_prepared_transactions: 20,
            max_wal_senders: 30,
            max_locks_per_transaction: 256,
          },
        },
      },
    ],
  ])("has at least the primary's hot-standby values: %s", (_, changes) => {
    const primary = valuesOf("primary", changes);
    const replica = valuesOf("replica", changes);
    expect(hotStandbyParameters).toHaveLength(5);
    for (const name of hotStandbyParameters) {
      expect(Number(primary.get(name))).not.toBeNaN();
      expect(Number(replica.get(name))).toBeGreaterThanOrEqual(Number(primary.get(name)));
    }
  });

  it("takes the stack's parameters for the primary, overridden by those for replicas", () => {
    const both = {
      sark: {
        parameters: { jit: true, deadlock_timeout: "2s" },
        rds: { replica: { parameters: { jit: false } } },
      },
    };
    expect(valuesOf("replica", both).get("deadlock_timeout")).toBe("2000");
    expect(valuesOf("replica", both).get("jit")).toBe("0");
    expect(valuesOf("primary", both).get("jit")).toBe("1");
  });

  it("is tuned for reports: more work_mem, and longer stand-by delays before a query is cancelled", () => {
    const replica = valuesOf("replica");
    expect(replica.get("hot_standby_feedback")).toBe("1");
    expect(replica.get("max_standby_streaming_delay")).toBe(String(15 * 60 * 1000));
    expect(replica.get("max_standby_archive_delay")).toBe(String(15 * 60 * 1000));
    expect(Number(replica.get("work_mem"))).toBeGreaterThan(
      Number(valuesOf("primary").get("work_mem")),
    );
  });

  it("divides work_mem among the pool's sessions, or among all without a pool", () => {
    const without = { pool: { enabled: false, image: undefined, exporterImage: undefined } };
    expect(valuesOf("replica", without).get("work_mem")).toBe(
      valuesOf("primary", without).get("work_mem"),
    );
    const few = valuesOf("replica", { pool: { maxServerConnections: 10 } });
    expect(Number(few.get("work_mem"))).toBeGreaterThan(
      Number(valuesOf("replica").get("work_mem")),
    );
  });
});
