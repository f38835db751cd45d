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
  ["what pg_upgrade makes of it", { systemIdentifier: "72", major: 18 }, "changed"],
  ["another database of the same server", { database: "postgres" }, "other"],
  ["another database of an upgraded server", { database: "x", major: 18 }, "other"],
  ["a server that does not tell its identifier any more", { systemIdentifier: null }, "changed"],
])("a recorded database, compared with %s, is %s", (_, differences, expected) => {
  expect(compareTargets(recorded, { ...recorded, ...differences })).toBe(expected);
});

it("learns an identifier that was not told before", () => {
  const untold = { ...recorded, systemIdentifier: null };
  expect(compareTargets(untold, recorded)).toBe("changed");
  expect(compareTargets(untold, untold)).toBe("same");
});

it("is named so that two can be told apart", () => {
  expect(describeTarget(recorded)).toBe("database sark of server 71 (PostgreSQL 17)");
});
