import {
  compareTargets,
  describeTarget,
  type TargetIdentity,
} from "../../../../components/migrations/plan/target-identity";

const recorded: TargetIdentity = { systemIdentifier: "71", database: "sark", major: 17 };

it.each<[string, Partial<TargetIdentity>, "same" | "changed" | "other"]>([
  ["itself", {}, "same"],
  ["another server of the same version", { systemIdentifier: "72" }, "other"],
  ["another server of a lower version", { systemIdentifier: "72", major: 16 }, "other"],
  ["a database upgraded by pg_upgrade", { systemIdentifier: "72", major: 18 }, "changed"],
  ["another database of the same server", { database: "postgres" }, "other"],
  ["another database of an upgraded server", { database: "x", major: 18 }, "other"],
  ["a server that no longer reports its identifier", { systemIdentifier: null }, "changed"],
])("recorded database compared with %s is %s", (_, differences, expected) => {
  expect(compareTargets(recorded, { ...recorded, ...differences })).toBe(expected);
});

it("recorded database is updated when the identifier becomes known", () => {
  const untold = { ...recorded, systemIdentifier: null };
  expect(compareTargets(untold, recorded)).toBe("changed");
  expect(compareTargets(untold, untold)).toBe("same");
});

it("target description distinguishes databases and servers", () => {
  expect(describeTarget(recorded)).toBe("database sark of server 71 (PostgreSQL 17)");
});
