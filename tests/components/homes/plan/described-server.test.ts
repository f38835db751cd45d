import { planProblems, planServers } from "../../../../components/homes/plan/stack-plan";
import { type Changes, SHARE, stackOf } from "../aws/plan/aws-stack";

const budget = (changes: Changes = {}) => planServers(stackOf(changes), SHARE).sark.budget;
const count = (name: string, changes: Changes = {}) =>
  budget(changes).items.find((item) => item.name === name)?.count;

const elsewhere = {
  aws: {
    secondRegion: {
      replica: {
        vpc: "vpc-0123456789abcdef1",
        subnetTags: { tier: "database" },
        sources: { eks: "sg-0123456789abcdef1" },
      },
    },
  },
};

it("the connection budget counts the sessions of RDS itself, on RDS only", () => {
  expect(count("provider's own")).toBe(6);
  expect(count("reserved_connections")).toBe(2);
  expect(count("provider's own", { sark: { home: "kubernetes" } })).toBe(0);
  const audit = planServers(stackOf(), SHARE).sark_audit.budget;
  expect(audit.items.find(({ name }) => name === "provider's own")?.count).toBe(0);
});

it("the connection budget counts every replica, also that of the second region", () => {
  expect(count("replica", { sark: { replicas: 3 } })).toBe(3);
  expect(count("replica", { sark: { replicas: 3 }, ...elsewhere })).toBe(4);
});

it.each(["low", "medium", "high", "very-high"])(
  "the connection budget leaves the pool enough in tier %s, within 80 %%",
  (tier) => {
    for (const changes of [{ application: { tier } }, { application: { tier }, ...elsewhere }]) {
      expect(planProblems(stackOf(changes), SHARE)).toEqual([]);
      const { total, limit } = budget(changes);
      expect(total).toBeLessThanOrEqual(limit);
      // The pool gets all connections that are left, up to its own limit.
      expect(total).toBeGreaterThan(limit - 10);
    }
  },
);
