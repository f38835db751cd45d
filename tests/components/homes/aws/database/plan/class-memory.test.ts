import { APPLICATION_TIERS } from "../../../../../../components/connections/plan/application-tiers";
import {
  instanceClasses,
  reservedMemory,
} from "../../../../../../components/homes/aws/database/plan/instance-classes";
import { rdsMemory } from "../../../../../../components/homes/aws/database/plan/rds-memory";
import { groupParameters } from "../../../../../../components/homes/aws/database/plan/group-parameters";
import {
  type Role,
  replicaSessions,
} from "../../../../../../components/homes/aws/database/plan/replica-parameters";
import { majorVersions } from "../../../../../../components/parameters/parameters";
import { planProblems, planServers } from "../../../../../../components/homes/plan/stack-plan";
import { SHARE, stackOf } from "../../plan/aws-stack";

const MB = 2 ** 20;
const tiers = Object.keys(APPLICATION_TIERS);

const stack = (instanceClass: string, tier: string, majorVersion: number) =>
  stackOf({
    sark: { majorVersion, size: undefined, rds: { instanceClass } },
    application: { tier },
  });

/** One class for each combination of memory and vCPUs; parameters depend on nothing else. */
const distinctSizes = instanceClasses.filter(
  ({ memory, vcpus }, index) =>
    instanceClasses.findIndex((each) => each.memory === memory && each.vcpus === vcpus) === index,
);

describe.each(majorVersions)("PostgreSQL %d on RDS", (major) => {
  const classes = major === 18 ? instanceClasses : distinctSizes;
  const pairs = classes.flatMap((machine) => tiers.map((tier) => ({ machine, tier })));
  const refusals = new Map(
    pairs.map(({ machine, tier }) => [
      `${machine.name} ${tier}`,
      planProblems(stack(machine.name, tier, major), SHARE).filter((each) =>
        each.includes("instanceClass"),
      ),
    ]),
  );
  const refused = (name: string, tier: string) => refusals.get(`${name} ${tier}`) ?? [];

  it("fits every class and tier, or is refused with the calculation", () => {
    const small = pairs.filter(({ machine, tier }) => refused(machine.name, tier).length > 0);
    for (const { machine, tier } of small) {
      const [problem, ...others] = refused(machine.name, tier);
      expect(others).toEqual([]);
      expect(problem).toContain(`got ${machine.name}, ${machine.memory / MB} MB for`);
      expect(problem).toContain("the class is too small for the connections");
      expect(problem).toMatch(/db\.m8g\.large or larger, or at most \d+ connections;/);
      // The sum equals its items, and exceeds the memory together with RDS's reserve.
      const [, sum = ""] = /may need (.*), and \d+ MB are reserved/.exec(problem ?? "") ?? [];
      const [items = "", total] = sum.split(" = ");
      const added = [...items.matchAll(/ (\d+) MB/g)].reduce((all, [, mb]) => all + Number(mb), 0);
      // Each is rounded up to a megabyte.
      expect(Math.abs(added - parseInt(total ?? "", 10))).toBeLessThan(8);
      expect(added * MB + reservedMemory(machine.memory)).toBeGreaterThan(machine.memory);
    }
    const families = major === 18 ? ["t3", "t4g"] : ["t3"];
    expect(small.map(({ machine, tier }) => `${machine.name} ${tier}`)).toEqual([
      ...families.flatMap((name) => tiers.map((tier) => `db.${name}.micro ${tier}`)),
      ...families.flatMap((name) => [`db.${name}.small high`, `db.${name}.small very-high`]),
    ]);
  });

  it.each(["primary", "replica"] as const)(
    "the %s needs at most the memory of its class, with the values in its parameter group",
    (role: Role) => {
      for (const { machine, tier } of pairs) {
        if (refused(machine.name, tier).length > 0) continue;
        const settings = stack(machine.name, tier, major);
        const database = settings.sark;
        const primary = planServers(settings, SHARE).sark;
        const executing = role === "primary" ? primary.maxConnections : replicaSessions(primary);
        const { needed: sum } = rdsMemory(database, role, machine, primary);
        expect([machine.name, tier, sum <= machine.memory]).toEqual([machine.name, tier, true]);

        // The same without the program's own calculation: pages, kB, and 3 MB for each session.
        const group = new Map(
          groupParameters(database, role, primary).map(({ name, value }) => [name, value]),
        );
        const value = (name: string) => Number(group.get(name));
        const needed =
          value("shared_buffers") * 8192 +
          value("max_connections") * 3 * MB +
          executing * value("work_mem") * 1024 +
          value("maintenance_work_mem") * 1024 +
          value("autovacuum_max_workers") * value("autovacuum_work_mem") * 1024;
        expect(needed).toBeGreaterThan(0);
        expect(needed).toBeLessThan(machine.memory - reservedMemory(machine.memory));
      }
    },
  );
});
