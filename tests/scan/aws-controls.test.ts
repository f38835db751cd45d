import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { Plan } from "../../engine/engine";
import { ACCEPTED_ON_AWS } from "../../scan/accepted-findings";
import { checkCalls, scanAws, writeTerraform } from "../../scan/aws-plan";
import { terraformFindings } from "../../scan/checkov";
import { type Accepted, type Finding, matchesAccepted } from "../../scan/scan-findings";
import { applyAccepted } from "../../lint/findings";
import { type TerraformResource, accountsOf, terraformResources } from "../../scan/terraform";
import { KNOWN_TYPES } from "../support/terraform-names";
import { type Tools, installTools } from "../../scan/tools";
import {
  INSECURE_MUTANTS,
  INVALID_MUTANTS,
  addressOf,
  describeMutant,
  mutated,
  neighbourhood,
} from "../support/aws-mutants";
import { AWS_VARIANTS, plannedStack } from "../support/planned-objects";
import { scannersAreHere } from "../support/installed-scanners";

/** Installing the scanners takes a minute or two, once. */
jest.setTimeout(900_000);

const root = path.resolve(__dirname, "../..");

/** Findings that only the smallest stack may have, because its settings turn features off. */
const OFF: readonly Accepted[] = [
  {
    check: "CKV_AWS_157",
    objects: /^aws_db_instance sark-(primary|replica-1)-instance$/,
    reason: "availability: single",
  },
  {
    check: "CKV_AWS_293",
    objects: /^aws_db_instance sark-(primary|replica-1)-instance$/,
    reason: "protection: false",
  },
];

(scannersAreHere() ? describe : describe.skip)("the scan of a stack on AWS", () => {
  const found: Finding[] = [];
  let folder: string;
  let tools: Tools;
  const types = new Set<string>();
  let plan: Plan;
  let prod: readonly TerraformResource[];
  let account: string;

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "sark-scan-aws-"));
    tools = installTools(root, () => undefined);
    plan = await plannedStack({ stack: "prod", changes: {} });
    prod = terraformResources(plan);
    account = accountsOf(plan)[0] ?? "";
  });
  afterAll(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it.each(Object.entries(AWS_VARIANTS))("passes every scanner: %s", async (name, variant) => {
    const own = Object.keys(variant.changes).length === 0 ? plan : await plannedStack(variant);
    const { findings, resources, calls, answeredAfterAll } = scanAws(own, tools, folder);
    const made = own.resources.filter(({ type }) => type.startsWith("aws:"));
    found.push(...findings);
    for (const { type } of made) types.add(type);
    const accepted = [...ACCEPTED_ON_AWS, ...(name.endsWith("everything off") ? OFF : [])];
    expect(applyAccepted(findings, accepted, matchesAccepted).findings).toEqual([]);
    expect(resources).toBe(made.length);
    expect(calls).toBeGreaterThanOrEqual(resources);
    expect(answeredAfterAll).toEqual([]);
  });

  it("has no stale accepted findings", () => {
    expect(applyAccepted(found, [...ACCEPTED_ON_AWS, ...OFF], matchesAccepted).stale).toEqual([]);
  });

  it("has Terraform names only for types that a stack uses", () => {
    expect(KNOWN_TYPES.filter((type) => !types.has(type))).toEqual([]);
  });

  it("refuses every typo in a value, and accepts its unchanged neighbours", () => {
    const addresses = [...new Set(INVALID_MUTANTS.map(({ address }) => address))];
    const untouched = addresses.map((address) => neighbourhood(prod, address));
    const plans = [...untouched, ...INVALID_MUTANTS.map((typo) => mutated(prod, typo))];
    const reports = checkCalls(plans, account, tools, folder);
    const of = (index: number) => reports[index]?.findings ?? [];
    expect(addresses.flatMap((_, index) => of(index))).toEqual([]);
    const accepted = INVALID_MUTANTS.filter(
      (_, index) => of(addresses.length + index).length === 0,
    );
    expect(accepted.map(describeMutant)).toEqual([]);
  });

  it("reports every insecure value by checkov", () => {
    const all = path.join(folder, "flips");
    const places = INSECURE_MUTANTS.map((_, index) => path.join(all, String(index)));
    INSECURE_MUTANTS.forEach((flip, index) => {
      writeTerraform(mutated(prod, flip), places[index] ?? "");
    });
    // Unchanged, in the same run of the scanner: none of the checks reports it.
    writeTerraform(prod, path.join(all, "prod"));
    const findings = terraformFindings(all, tools);
    const unnoticed = INSECURE_MUTANTS.filter(
      ({ check }, index) =>
        !findings.some((each) => each.folder === String(index) && each.check === check),
    );
    expect(unnoticed.map(describeMutant)).toEqual([]);
    const checks = INSECURE_MUTANTS.map(({ check }) => check);
    const before = findings.filter((each) => each.folder === "prod" && checks.includes(each.check));
    // So the scanner has looked at the unchanged stack.
    expect(findings.filter((each) => each.folder === "prod")).not.toEqual([]);
    expect(applyAccepted(before, ACCEPTED_ON_AWS, matchesAccepted).findings).toEqual([]);
  });

  it("has mutants only of resources in the stack", () => {
    const addresses = new Set(prod.map(addressOf));
    expect(
      [...INSECURE_MUTANTS, ...INVALID_MUTANTS].filter(({ address }) => !addresses.has(address)),
    ).toEqual([]);
  });
});
