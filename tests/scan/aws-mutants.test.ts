import type { Plan } from "../../engine/engine";
import type { Finding } from "../../scan/scan-findings";
import { CONTROLS, controlFindings, countControls } from "../../scan/controls/controls";
import { commonRules } from "../../scan/controls/option-controls";
import { forbiddenRules } from "../../scan/controls/forbidden";
import { PlanView } from "../../scan/controls/resource-view";
import {
  CONTROL_MUTANTS,
  type ControlMutant,
  mutantsOf,
  withOneMore,
} from "../support/control-mutants/control-mutants";
import { AWS_VARIANTS, plannedStack } from "../support/planned-objects";

jest.setTimeout(240_000);

const PROD = "the stack prod";
const FULL = "the stack prod with everything on";
const SMALL = "the stack prod with everything off";

const plans = new Map<string, Plan>();
const planOf = (name: string): Plan => {
  const plan = plans.get(name);
  if (!plan) throw new Error(`no plan of ${name}`);
  return plan;
};

/** Resources that were changed, by the variant; rules that objected to one, with their type. */
const tried: Record<string, number> = { [PROD]: 0, [FULL]: 0 };
const objected = new Set<string>();

beforeAll(async () => {
  for (const [name, variant] of Object.entries(AWS_VARIANTS)) {
    plans.set(name, await plannedStack(variant));
  }
});

it.each([PROD, FULL])("the AWS controls find nothing in %s", (name) => {
  expect(controlFindings(planOf(name))).toEqual([]);
  expect(countControls(planOf(name))).toBeGreaterThan(800);
});

it("the AWS controls find in the smallest stack only what its settings turn off", () => {
  const found = controlFindings(planOf(SMALL));
  const off =
    /^(protected|protection|kept|deletion protection|its policy and lock kept|not deleted or replaced)/;
  const zones = found.filter(({ text }) => !off.test(text));
  expect(zones.map(({ check, object }) => `${check} ${object}`)).toEqual([
    "RDS.5 rds/instance sark-primary-instance",
    "RDS.5 rds/instance sark-replica-1-instance",
  ]);
  expect(found.length).toBeGreaterThan(zones.length);
});

it("the AWS controls find a replica in its source's zone", () => {
  const beside: ControlMutant = {
    control: "RDS.5",
    what: "is in its source's zone",
    type: "rds/instance",
    change: ({ inputs }) => (inputs["availabilityZone"] = "eu-central-1a"),
    of: ({ inputs }) => inputs["replicateSourceDb"] !== undefined,
  };
  const [mutant] = mutantsOf(planOf(SMALL), beside);
  const texts = controlFindings(mutant ?? { resources: [] }).map(({ text }) => text);
  expect(texts).toContain("in another zone than its source, or in two");
  expect(controlFindings(planOf(SMALL)).map(({ text }) => text)).not.toContain(
    "in another zone than its source, or in two",
  );
});

it("the AWS controls have at least a hundred mutants, each of one property", () => {
  expect(CONTROL_MUTANTS.length).toBeGreaterThanOrEqual(100);
  const names = CONTROL_MUTANTS.map(({ control, type, what }) => `${control} ${type} ${what}`);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

const TABLE = CONTROL_MUTANTS.map(
  (mutant) => [mutant.control, mutant.type, mutant.what, mutant] as const,
);

it.each(TABLE)("control %s finds each %s that %s", (control, _type, _what, mutant) => {
  const missed: string[] = [];
  let count = 0;
  for (const variant of [PROD, FULL]) {
    for (const plan of mutantsOf(planOf(variant), mutant)) {
      const findings = controlFindings(plan);
      remember(findings);
      if (!findings.some(({ check }) => check === control)) missed.push(`${variant}: ${plan.name}`);
      count++;
      tried[variant] = (tried[variant] ?? 0) + 1;
    }
  }
  expect(missed).toEqual([]);
  expect(count).toBeGreaterThan(0);
});

it.each(forbiddenRules.map(({ type }) => type))("the AWS controls find any %s", (type) => {
  const found = controlFindings(withOneMore(planOf(PROD), type));
  remember(found);
  expect(found).toHaveLength(1);
});

it("a mutant breaks every rule of the AWS controls", () => {
  const own = CONTROLS.flatMap(({ type, rules }) =>
    rules.map(([control, sentence]) => `${type} ${control}: ${sentence}`),
  );
  expect(own.filter((each) => !objected.has(each))).toEqual([]);
  for (const [control, sentence] of commonRules) {
    expect([...objected].some((each) => each.endsWith(` ${control}: ${sentence}`))).toBe(true);
  }
});

it("every type of AWS resource has a mutant", () => {
  const types = [PROD, FULL].flatMap((name) =>
    new PlanView(planOf(name)).resources.filter(({ isOnAws }) => isOnAws).map(({ type }) => type),
  );
  const changed = new Set(CONTROL_MUTANTS.map(({ type }) => type));
  expect(new Set(types.filter((type) => !changed.has(type)))).toEqual(new Set());
});

function remember(findings: readonly Finding[]): void {
  for (const { check, object, text } of findings) {
    objected.add(`${object.split(" ")[0] ?? ""} ${check}: ${text}`);
  }
}

afterAll(() => {
  process.stdout.write(
    `${CONTROL_MUTANTS.length} mutants of controls: ${tried[PROD]} resources of ${PROD} and ${tried[FULL]} of ${FULL}\n`,
  );
});
