import { forcedParameters } from "../../../../../../components/homes/aws/database/plan/group-parameters";
import {
  applyMethod,
  reservedParameters,
  rdsParameters,
  rdsValue,
  rdsEnumValues,
} from "../../../../../../components/homes/aws/database/plan/rds-parameters";
import stored from "../../../../../../components/homes/aws/database/plan/rds-parameters.json";
import {
  type MajorVersion,
  majorVersions,
  parameterFacts,
  parameterNames,
} from "../../../../../../components/parameters/parameters";
import { tune } from "../../../../../../components/parameters/formulas/tune";

const GiB = 2 ** 30;
const tuned = (majorVersion: MajorVersion) =>
  tune({
    memory: 32 * GiB,
    vcpus: 8,
    storage: "san",
    workload: "oltp",
    maxConnections: 200,
    majorVersion,
  });

/** Parameters of RDS only, and those of pgaudit, which the servers of the facts do not load. */
const FOREIGN = /^(rds|pgaudit)\./;

it.each(majorVersions)(
  "the RDS classification covers every parameter that tuning sets on PostgreSQL %d",
  (major) => {
    const names = tuned(major).map(({ name }) => name);
    expect(names.length).toBeGreaterThan(50);
    expect(
      names.filter((name) => !rdsParameters.has(name) && !reservedParameters.has(name)),
    ).toEqual([]);
  },
);

it("the RDS classification covers every forced parameter, and none as both settable and reserved", () => {
  expect(Object.keys(forcedParameters).filter((name) => !rdsParameters.has(name))).toEqual([]);
  expect([...rdsParameters.keys()].filter((name) => reservedParameters.has(name))).toEqual([]);
});

it("the RDS classification names a source for each parameter, and a reason for each reserved one", () => {
  const sources = Object.keys(stored.sources);
  expect([...rdsParameters.values()].filter(({ source }) => !sources.includes(source))).toEqual([]);
  expect([...reservedParameters.values()].filter((why) => why.length < 10)).toEqual([]);
});

it.each(majorVersions)(
  "parameters that need a restart on PostgreSQL %d are static on RDS, with one exception",
  (major) => {
    const differing = [...rdsParameters]
      .filter(([name]) => parameterNames(major).includes(name))
      .filter(([name, { apply }]) => (apply === "static") !== parameterFacts(major, name).restart)
      .map(([name]) => name);
    // Since 18 it can be changed while the server runs. No list of RDS says so, so it counts as static in all versions.
    expect(differing).toEqual(major === 18 ? ["autovacuum_max_workers"] : []);
  },
);

it("the RDS classification has only parameters of supported servers, apart from RDS's own", () => {
  const known = new Set(majorVersions.flatMap((major) => parameterNames(major)));
  known.add("shared_preload_libraries");
  const unknown = [...rdsParameters.keys(), ...reservedParameters.keys()].filter(
    (name) => !known.has(name) && !FOREIGN.test(name),
  );
  expect(unknown).toEqual([]);
});

it("parameter units on RDS are PostgreSQL's: 8 kB pages, kB, MB, ms, s", () => {
  const unit = (name: string) => tuned(18).find((each) => each.name === name)?.unit;
  for (const name of ["shared_buffers", "effective_cache_size", "wal_buffers", "temp_buffers"]) {
    expect([name, unit(name)]).toEqual([name, "8kB"]);
  }
  for (const name of ["work_mem", "maintenance_work_mem", "log_temp_files"]) {
    expect([name, unit(name)]).toEqual([name, "kB"]);
  }
  for (const name of ["max_wal_size", "min_wal_size"]) {
    expect([name, unit(name)]).toEqual([name, "MB"]);
  }
  for (const name of ["log_min_duration_statement", "log_autovacuum_min_duration"]) {
    expect([name, unit(name)]).toEqual([name, "ms"]);
  }
  for (const name of ["checkpoint_timeout", "autovacuum_naptime"]) {
    expect([name, unit(name)]).toEqual([name, "s"]);
  }
});

it("rdsValue writes booleans, numbers and enums in RDS's notation", () => {
  expect(rdsValue("jit", false)).toBe("0");
  expect(rdsValue("autovacuum", true)).toBe("1");
  expect(rdsValue("work_mem", 16_384)).toBe("16384");
  expect(rdsValue("random_page_cost", 1.1)).toBe("1.1");
  expect(rdsValue("pg_stat_statements.track", "all")).toBe("ALL");
  expect(rdsValue("timezone", "UTC")).toBe("UTC");
  expect(rdsEnumValues.get("log_line_prefix")).toHaveLength(2);
});

it("applyMethod is pending-reboot for static parameters and RDS's defaults, otherwise immediate", () => {
  expect(applyMethod("shared_buffers", "262144", 18)).toBe("pending-reboot");
  expect(applyMethod("rds.force_ssl", "1", 18)).toBe("pending-reboot");
  expect(applyMethod("checkpoint_completion_target", "0.9", 18)).toBe("pending-reboot");
  expect(applyMethod("checkpoint_completion_target", "0.7", 18)).toBe("immediate");
  expect(applyMethod("work_mem", "16384", 18)).toBe("immediate");
  // not classified: by PostgreSQL's own context
  expect(applyMethod("track_commit_timestamp", "1", 18)).toBe("pending-reboot");
  expect(applyMethod("deadlock_timeout", "500", 18)).toBe("immediate");
});
