import { PROTECTED, built, rdsStack } from "./mocked-rds";

const sark = { replicas: 1 };
const full = rdsStack(sark, PROTECTED);
const open = rdsStack(sark, { ...PROTECTED, protection: false });

const SERVERS = [
  "sark-primary-instance",
  "sark-replica-1-instance",
  "sark-second-region-replica-instance",
];
const KEYS = ["sark-region-key", "sark-second-region-key"];
const KEPT = [
  ...SERVERS,
  ...KEYS,
  ...KEYS.map((key) => `${key}-alias`),
  ...["sark-primary", "sark-replica-1", "sark-second-region-replica"].flatMap((server) => [
    `${server}-parameters`,
    `${server}-log-postgresql`,
    `${server}-log-upgrade`,
  ]),
  "sark-master-secret",
  "sark-master-secret-version",
];

describe("protection of RDS servers", () => {
  const having = async (settings: typeof full, option: "protect" | "retainOnDelete") =>
    (await built(settings)).planned.filter((each) => each[option]).map(({ name }) => name);

  it("refuses to delete servers and their keys", async () => {
    expect((await having(full, "protect")).sort()).toEqual([...SERVERS, ...KEYS].sort());
  });

  it("retains everything that a server depends on", async () => {
    expect((await having(full, "retainOnDelete")).sort()).toEqual([...KEPT].sort());
  });

  it("protects and retains nothing when it is off", async () => {
    expect(await having(open, "protect")).toEqual([]);
    expect(await having(open, "retainOnDelete")).toEqual([]);
  });
});

describe("resource options of RDS servers", () => {
  it.each(SERVERS)("%s ignores properties that RDS cannot change in place", async (name) => {
    const { named } = await built(full);
    expect(named(name)).toMatchObject({
      ignoreChanges: ["availabilityZone", "kmsKeyId", "snapshotIdentifier", "restoreToPointInTime"],
      deleteBeforeReplace: undefined,
      unsupported: [],
      aliases: [],
    });
  });

  it("set timeouts of hours, as large servers need", async () => {
    const { timeouts } = await built(full);
    for (const name of SERVERS) {
      expect(timeouts(name)).toMatchObject({
        create: "3h",
        update: "3h",
        pb_delete: "90m",
      });
    }
  });
});

it("parameter groups are created under a new name before the old ones are deleted", async () => {
  const { named } = await built(full);
  for (const server of ["sark-primary", "sark-replica-1", "sark-second-region-replica"]) {
    const group = named(`${server}-parameters`);
    expect(group.deleteBeforeReplace).toBe(false);
    expect(group.inputs["name"]).toBeUndefined();
    expect(group.ignoreChanges).toEqual([]);
  }
});

it("resources other than servers ignore no changes", async () => {
  const { planned } = await built(full);
  for (const { name, ignoreChanges } of planned) {
    if (!SERVERS.includes(name))
      expect({ name, ignoreChanges }).toEqual({ name, ignoreChanges: [] });
  }
});

it("logical names of RDS resources stay the same, as a new name would delete and recreate them", async () => {
  const { planned } = await built(full);
  expect(planned.filter(({ custom }) => custom).map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      ...KEPT,
      "sark-admin-password",
      "sark-administrator",
      "sark-master-password",
      "sark-monitoring-policy",
      "sark-monitoring-role",
      "sark-primary-final-snapshot",
    ]),
  );
});
