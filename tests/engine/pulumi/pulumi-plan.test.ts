import * as fs from "node:fs";
import * as path from "node:path";
import { whyNotEnforceable, PulumiPlanFile } from "../../../engine/pulumi/pulumi-plan";
import { scratchFolder } from "../../cli/support/fakes";

const resource = (custom: boolean, step: string, state: unknown) => ({
  goal: { custom },
  steps: [step],
  state,
});

describe("the CLI's plan", () => {
  it("can be enforced if every provider was called", () => {
    const resourcePlans = {
      made: resource(true, "create", { name: "app" }),
      changed: resource(true, "update", null),
      component: resource(false, "create", null),
      deleted: { steps: ["delete"], state: null },
    };
    expect(whyNotEnforceable({ resourcePlans })).toBeUndefined();
  });

  it("cannot be enforced if a provider could not be called, and says so", () => {
    const resourcePlans = {
      role: resource(true, "create", null),
      grant: resource(true, "create", null),
    };
    expect(whyNotEnforceable({ resourcePlans })).toMatch(
      /^2 resources will be inside a server that/,
    );
  });

  it("is in a temporary file that only its owner can read", () => {
    const root = scratchFolder();
    const file = new PulumiPlanFile({ root, stack: "local" }, { seed: 1 });
    expect(path.dirname(file.name)).toBe(path.join(root, ".sark", "tmp"));
    expect(fs.statSync(file.name).mode & 0o777).toBe(0o600);
    expect(file.read()).toEqual({ seed: 1 });
    file.remove();
    expect(fs.existsSync(file.name)).toBe(false);
  });
});
