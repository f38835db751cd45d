/** The SARK database optimization guide's postgresql.conf, and where this project differs from it. */
import { parseSetting, renderValue } from "../../../components/parameters/parameters";
import { tune, type TuningInput } from "../../../components/parameters/formulas/tune";
import { collectTunedFacts } from "../../../components/parameters/formulas/tuned-parameters";
import { GB } from "../../../components/parameters/formulas/bytes";
import { code, list, table } from "../markdown-table";

/** The guide's example: 8 GB, 200 connections, an SSD. Its eight parallel workers imply eight processors. */
export const GUIDE_MACHINE: TuningInput = {
  memory: 8 * GB,
  vcpus: 8,
  storage: "ssd",
  workload: "oltp",
  maxConnections: 200,
  majorVersion: 18,
};

const FILE = `
shared_buffers = 2GB
effective_cache_size = 6GB
work_mem = 16MB
maintenance_work_mem = 512MB
temp_buffers = 8MB
random_page_cost = 1.1
effective_io_concurrency = 200
default_statistics_target = 100
wal_level = replica
max_wal_size = 4GB
min_wal_size = 1GB
checkpoint_completion_target = 0.9
wal_buffers = 16MB
max_connections = 200
superuser_reserved_connections = 3
log_min_duration_statement = 1000
log_line_prefix = %t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h
log_checkpoints = on
log_connections = on
log_disconnections = on
log_lock_waits = on
log_temp_files = 0
log_autovacuum_min_duration = 0
autovacuum = on
autovacuum_max_workers = 3
autovacuum_naptime = 1min
autovacuum_vacuum_scale_factor = 0.1
autovacuum_analyze_scale_factor = 0.05
max_parallel_workers_per_gather = 4
max_parallel_workers = 8
max_worker_processes = 8
jit = on`;

/** Name and value of each parameter in the guide, as written there. */
export const GUIDE_SETTINGS: readonly (readonly [name: string, setting: string])[] = FILE.trim()
  .split("\n")
  .map((line) => {
    const [name = "", setting = ""] = line.split(" = ");
    return [name, setting];
  });

/** Parameters of the guide that this project sets elsewhere. */
const SET_ELSEWHERE: readonly (readonly [parameters: string, here: string, why: string])[] = [
  [
    "`logging_collector`, `log_directory`, `log_filename`, `log_rotation_*`",
    "set by the home",
    "log storage depends on the home; CloudNativePG refuses these parameters",
  ],
  [
    "`shared_preload_libraries`",
    "a separate list",
    "CloudNativePG sets it separately; TimescaleDB must be first",
  ],
];

/** Reasons by parameter name. @throws Error if a differing parameter has no reason */
export function reasonsFor(
  why: "whyNotGuide" | "whyNotTools",
  differing: readonly string[],
): ReadonlyMap<string, string> {
  const reasons = collectTunedFacts((entry) => entry[why]);
  const missing = differing.filter((name) => !reasons.has(name));
  if (missing.length > 0) throw new Error(`${why} is missing for ${missing.join(", ")}`);
  return new Map([...reasons].filter(([name]) => differing.includes(name)));
}

/** The table of differing values, and the list of reasons. */
export function guideDifferences(): string {
  const differing = GUIDE_SETTINGS.flatMap(([name, setting]) => {
    const { majorVersion } = GUIDE_MACHINE;
    const theirs = renderValue(majorVersion, name, parseSetting(majorVersion, name, setting));
    const ours =
      tune(GUIDE_MACHINE)
        .find((one) => one.name === name)
        ?.setting.trim() ?? "";
    return theirs === ours ? [] : [{ name, theirs, ours }];
  });
  const reasons = reasonsFor(
    "whyNotGuide",
    differing.map(({ name }) => name),
  );
  return [
    table(
      ["Parameter", "Guide", "Here"],
      [
        ...differing.map(({ name, theirs, ours }) => [code([name]), code([theirs]), code([ours])]),
        ...SET_ELSEWHERE.map(([parameters, here]) => [parameters, "", here]),
      ],
    ),
    "Reasons:",
    list([
      ...differing.map(({ name }): [string, string] => [code([name]), reasons.get(name) ?? ""]),
      ...SET_ELSEWHERE.map(([parameters, , why]): [string, string] => [parameters, why]),
    ]),
  ].join("\n\n");
}
