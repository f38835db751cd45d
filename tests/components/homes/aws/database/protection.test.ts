import { PROTECTED, built, rdsStack } from "./built-servers";

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

describe("protection", () => {
  const having = async (settings: typeof full, option: "protect" | "retainOnDelete") =>
    (await built(settings)).planned.filter((each) => each[option]).map(({ name }) => name);

  it("refuses to delete servers and what they are encrypted with", async () => {
    expect((await having(full, "protect")).sort()).toEqual([...SERVERS, ...KEYS].sort());
  });

  it("leaves whatever a server lives on where it is", async () => {
    expect((await having(full, "retainOnDelete")).sort()).toEqual([...KEPT].sort());
  });

  it("lets go of everything where the settings say so", async () => {
    expect(await having(open, "protect")).toEqual([]);
    expect(await having(open, "retainOnDelete")).toEqual([]);
  });
});

describe("the options of a server", () => {
  it.each(SERVERS)("%s is never replaced by what it cannot change in place", async (name) => {
    const { named } = await built(full);
    expect(named(name)).toMatchObject({
      ignoreChanges: ["availabilityZone", "kmsKeyId", "snapshotIdentifier", "restoreToPointInTime"],
      deleteBeforeReplace: undefined,
      unsupported: [],
      aliases: [],
    });
  });

  it("give a large server the hours that it takes", async () => {
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

it("makes new parameters before the old ones go, under a name of their own", async () => {
  const { named } = await built(full);
  for (const server of ["sark-primary", "sark-replica-1", "sark-second-region-replica"]) {
    const group = named(`${server}-parameters`);
    expect(group.deleteBeforeReplace).toBe(false);
    expect(group.inputs["name"]).toBeUndefined();
    expect(group.ignoreChanges).toEqual([]);
  }
});

it("ignores no change of anything else", async () => {
  const { planned } = await built(full);
  for (const { name, ignoreChanges } of planned) {
    if (!SERVERS.includes(name))
      expect({ name, ignoreChanges }).toEqual({ name, ignoreChanges: [] });
  }
});

it("keeps the names by which the state knows what there is: another one would delete and create", async () => {
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
