import { DASHBOARDS } from "../../../../components/objectives/plan/dashboards";
import { grafanaDashboard } from "../../../../components/objectives/plan/grafana-dashboard";

test("dashboards of several stacks have different names and uids of at most 40 characters", () => {
  const stacks = ["dev", "prod", "production-eu-west-1", "production-eu-west-2"];
  const made = stacks.flatMap((stack) =>
    DASHBOARDS.map((plan) => grafanaDashboard(plan, { stack, runbooks: "docs/runbooks" })),
  );
  const count = stacks.length * DASHBOARDS.length;
  expect(new Set(made.map(({ title }) => title)).size).toBe(count);
  expect(new Set(made.map(({ uid }) => uid)).size).toBe(count);
  expect(made.filter(({ uid = "" }) => uid.length > 40)).toEqual([]);
});
