import { stringify, parse } from "yaml";
import { SERVER_LABELS } from "../../../../../components/objectives/plan/expression";
import { DATABASES } from "../../../../../components/roles/plan/role-plan";
import operator from "./cloudnative-pg-metrics.json";
import { customQueries, QUERIES } from "./exported-metrics";

const columnsOf = (query: ReturnType<typeof customQueries>[string] | undefined) =>
  query?.metrics.flatMap((each) => Object.entries(each)) ?? [];

describe.each(DATABASES)("metric queries of %s in CloudNativePG's format", (database) => {
  const queries = customQueries(database);

  it("are all that its servers can answer, and survive YAML", () => {
    const asked = QUERIES.filter(
      ({ metrics, databases }) => metrics.length > 0 && databases.includes(database),
    );
    const keys = asked.map(({ name }) => `sark_${name.replaceAll("-", "_")}`);
    expect(Object.keys(queries)).toEqual(keys);
    expect(parse(stringify(queries, { lineWidth: 0 }))).toEqual(queries);
  });

  it("run in their own database only", () => {
    for (const query of Object.values(queries)) {
      expect(query).toMatchObject({ name: "sark", target_databases: [database] });
    }
  });

  it("have one metric for each name, beside the operator's own", () => {
    const names = Object.values(queries).flatMap((query) =>
      columnsOf(query).flatMap(([column, { usage }]) => (usage === "LABEL" ? [] : [column])),
    );
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(operator.metrics).not.toHaveProperty(`cnpg_sark_${name}`);
  });

  it("have no label that the PodMonitor sets", () => {
    for (const query of Object.values(queries)) {
      for (const label of SERVER_LABELS)
        expect(Object.fromEntries(columnsOf(query))).not.toHaveProperty(label);
    }
  });
});

describe("a metric query in CloudNativePG's format", () => {
  const sark = customQueries("sark");

  it("runs on primaries or stand-bys, as its file says", () => {
    expect(sark["sark_replication_metrics"]).toMatchObject({ primary: true });
    expect(sark["sark_replica_metrics"]).toMatchObject({
      predicate_query: "select pg_catalog.pg_is_in_recovery()",
    });
    for (const query of [sark["sark_replica_metrics"], sark["sark_session_metrics"]]) {
      expect(query).not.toHaveProperty("primary");
    }
    expect(sark["sark_session_metrics"]).not.toHaveProperty("predicate_query");
  });

  it("is skipped on servers that lack its views", () => {
    expect(sark["sark_checkpoint_metrics"]?.runonserver).toBe(">=17.0.0");
    expect(sark["sark_session_metrics"]).not.toHaveProperty("runonserver");
  });

  it("maps every column, in order", () => {
    expect(sark["sark_statement_metrics"]?.metrics).toEqual([
      { queryid: { usage: "LABEL", description: "queryid" } },
      { statement_calls_total: { usage: "COUNTER", description: "Executions of a statement." } },
      {
        statement_seconds_total: {
          usage: "COUNTER",
          description: "Seconds of all executions of a statement.",
        },
      },
    ]);
  });

  it("needs the extensions of the server", () => {
    expect(customQueries("sark_audit")).not.toHaveProperty("sark_statement_metrics");
    expect(customQueries("sark_audit")).toHaveProperty("sark_job_metrics");
  });
});
