/** Going back from a promotion or recovery is refused in the preview. */
import {
  type AdministratorInputs,
  administratorProvider,
} from "../../../../../components/homes/aws/database/provider-administrator";

function inputs(identifier: string, primary: string, generation = 1): AdministratorInputs {
  return {
    host: "127.0.0.1",
    port: 25433,
    server: `${identifier}.c1a2b3c4d5e6.eu-central-1.rds.amazonaws.com`,
    identifier,
    primary,
    generation,
    region: "eu-central-1",
    masterSecret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:sark-prod-master-AbCdEf",
    database: "sark",
    closed: ["postgres", "template1"],
    majorVersion: 18,
    user: "sark_admin",
    verifier: "SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy",
  };
}

const PRIMARY = inputs("sark-prod", "sark-prod");
const PROMOTED = inputs("sark-prod-replica-1", "sark-prod");

/** Refusals of a change, in a preview. */
async function refusals(
  olds: Partial<AdministratorInputs>,
  news: AdministratorInputs,
): Promise<readonly string[]> {
  const checked = await administratorProvider.check(olds, news);
  expect(checked.inputs).toEqual(news);
  return checked.failures.map(({ reason }) => reason);
}

describe("the administrator of a promoted replica", () => {
  it.each([
    ["the old primary", PRIMARY],
    ["another replica of the old primary", inputs("sark-prod-replica-2", "sark-prod")],
  ])("refuses to move to %s", async (_what, news) => {
    const [refusal, ...more] = await refusals(PROMOTED, news);
    expect(more).toEqual([]);
    expect(refusal).toContain("sark-databases:sark.rds.promoted: got");
    expect(refusal).toContain(`from sark-prod-replica-1 to ${news.identifier}; allowed: `);
  });

  it.each([
    ["a new stack", {}, PRIMARY],
    ["an unchanged server", PRIMARY, PRIMARY],
    ["a promotion", PRIMARY, PROMOTED],
    ["a replica that stays promoted", PROMOTED, PROMOTED],
    ["a recovery of a primary", PRIMARY, inputs("sark-prod-2", "sark-prod-2", 2)],
    ["a recovery from a promoted replica", PROMOTED, inputs("sark-prod-2", "sark-prod-2", 2)],
  ])("accepts %s", async (_what, olds, news) => {
    expect(await refusals(olds, news)).toEqual([]);
  });
});

describe("the administrator of a recovered server", () => {
  const RECOVERED = inputs("sark-prod-3", "sark-prod-3", 3);

  it.each([
    ["the first generation, which would start empty", PRIMARY, "got nothing"],
    ["an earlier generation", inputs("sark-prod-2", "sark-prod-2", 2), "got 2"],
  ])("refuses to go back to %s", async (_what, news, got) => {
    const [refusal, ...more] = await refusals(RECOVERED, news);
    expect(more).toEqual([]);
    expect(refusal).toContain(`sark-databases:sark.recovery.generation: ${got}; allowed: 3`);
    expect(refusal).toContain(`${news.identifier} would be recreated, empty`);
  });

  it("accepts the next generation", async () => {
    expect(await refusals(RECOVERED, inputs("sark-prod-4", "sark-prod-4", 4))).toEqual([]);
  });
});
