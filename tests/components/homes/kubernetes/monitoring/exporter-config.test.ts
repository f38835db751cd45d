import {
  collectorFile,
  EXPORTER_PATHS,
  exporterConfig,
  SERVER_LABEL,
} from "../../../../../components/homes/kubernetes/monitoring/plan/exporter-config";
import { SERVER_LABELS } from "../../../../../components/objectives/plan/expression";
import { collectorOf, customQueries } from "./exported-metrics";

const ROLES = ["primary", "replica"] as const;

/** What sql_exporter 0.24.6 refuses in a collector (config/*_config.go, query.go), and what Prometheus would rename. */
describe.each(ROLES)("queries of a %s in sql_exporter's format", (role) => {
  const { collector_name, metrics, queries } = collectorOf(role);

  it("have one definition of each metric and query", () => {
    expect(collector_name).toBe(role);
    for (const names of [
      metrics.map(({ metric_name }) => metric_name),
      queries.map(({ query_name }) => query_name),
    ]) {
      expect(names.length).toBeGreaterThan(5);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it("have metrics with a query, a help text, one value, and other columns as labels", () => {
    for (const { metric_name, help, key_labels, values, query_ref } of metrics) {
      expect(queries.map(({ query_name }) => query_name)).toContain(query_ref);
      expect(help).not.toBe("");
      expect(`sark_${values[0]}`).toBe(metric_name);
      expect(key_labels).not.toContain(values[0]);
      expect(new Set(key_labels).size).toBe(key_labels.length);
      for (const label of ["job", ...SERVER_LABELS]) expect(key_labels).not.toContain(label);
    }
  });
});

it("both roles describe a metric that they share in the same way, as the exporter requires", () => {
  const [primary, replica] = ROLES.map((role) => collectorOf(role).metrics);
  const shared = replica?.filter(({ metric_name }) => metric_name === "sark_server_up");
  expect(shared).toHaveLength(1);
  for (const each of replica ?? []) {
    const other = primary?.find(({ metric_name }) => metric_name === each.metric_name);
    if (other) expect(each).toEqual(other);
  }
});

it("the exporter runs the queries that CloudNativePG's exporter runs, of its role", () => {
  const asked = Object.values(customQueries("sark"));
  for (const role of ROLES) {
    const other = role === "primary" ? "predicate_query" : "primary";
    const expected = asked.filter((query) => query[other] === undefined).map(({ query }) => query);
    expect(collectorOf(role).queries.map(({ query }) => query)).toEqual(expected);
  }
});

describe("configuration of sql_exporter", () => {
  const login = { port: 5433, user: "sark_monitor", password: "a/b@c", database: "sark" };
  const target = (name: string, role: "primary" | "replica") => ({
    ...{ ...login, name, role },
  });
  const address = (position: number) =>
    `pgx://sark_monitor:a%2Fb%40c@\${SERVER_${position}}:5433/sark?sslmode=verify-full` +
    "&sslrootcert=%2Fetc%2Fsql-exporter%2Fauthority%2Fca.crt&connect_timeout=5&application_name=sark+metrics";

  it("has a job for each role, and verifies each server", () => {
    const targets = [target("one", "primary"), target("two", "replica"), target("six", "replica")];
    expect(exporterConfig(targets, EXPORTER_PATHS)).toEqual({
      global: { scrape_timeout_offset: "1s", max_connections: 1, max_idle_connections: 1 },
      collector_files: ROLES.map((role) => `/etc/sql-exporter/queries/${collectorFile(role)}`),
      jobs: [
        {
          job_name: "primary",
          collectors: ["primary"],
          static_configs: [{ targets: { one: address(1) } }],
        },
        {
          job_name: "replica",
          collectors: ["replica"],
          static_configs: [{ targets: { two: address(2), six: address(3) } }],
        },
      ],
    });
  });

  it("has no job without servers, which the exporter refuses", () => {
    expect(exporterConfig([target("one", "primary")], EXPORTER_PATHS)).toMatchObject({
      collector_files: ["/etc/sql-exporter/queries/primary.yml"],
      jobs: [{ job_name: "primary" }],
    });
  });

  it("names the label that the rules select servers by", () => {
    expect(SERVER_LABELS).toContain(SERVER_LABEL);
  });
});
