/** Warnings about chunks in a preview, on the terminal and in a pull request's report. */
import * as fs from "node:fs";
import * as path from "node:path";
import type { Plan, PlannedResource } from "../../../engine/engine";
import { StackCopy } from "../../../scratch/scratch-stack";

jest.setTimeout(120_000);

let stack: StackCopy;
beforeAll(async () => {
  stack = await StackCopy.make();
});
afterAll(() => stack.remove());

/** Warnings in a preview's output, on either stream, and in its report. */
async function warnings(name: string): Promise<{ printed: string[]; reported: string[] }> {
  const report = path.join(stack.folder, `${name}.md`);
  const flags = ["--stack", name, "--engine", "embedded", "--report", report];
  const { stdout, stderr } = await stack.mustRun("preview", ...flags);
  const after = (text: string, mark: RegExp): string[] =>
    text.split("\n").flatMap((line) => mark.exec(line)?.[1] ?? []);
  const markdown = fs.readFileSync(report, "utf8");
  expect([stdout.match(/^Plan: /gm)?.length, markdown.match(/^\*\*Plan: /gm)?.length]).toEqual([
    1, 1,
  ]);
  return {
    printed: after(stdout + stderr, /^ *warning: (.*)$/i),
    reported: after(markdown, /^ *warning: (.*)$/i),
  };
}

test.each(["local", "dev", "prod"])(
  "preview of stack %s has no hypertable warnings",
  async (name) => {
    expect(await warnings(name)).toEqual({ printed: [], reported: [] });
  },
);

test("former retention resource is updated to the hypertables resource, and nothing is deleted", async () => {
  const plan = async (): Promise<readonly PlannedResource[]> => {
    const { stdout } = await stack.mustRun("preview", "--json", "--engine", "embedded");
    return (JSON.parse(stdout) as Plan).resources;
  };
  const isIt = ({ urn }: PlannedResource): boolean =>
    urn.endsWith("::sark-audit-database-hypertables");
  const before = (await plan()).find(isIt);
  const former = before?.options.aliases.find((urn) =>
    urn.endsWith(
      "$pulumi-nodejs:dynamic/database:RetentionPolicies::sark-audit-database-retention",
    ),
  );
  expect([before?.op, former]).toEqual(["create", expect.any(String)]);

  // State of an earlier version, reduced to this resource.
  const inputs = {
    __provider: "exports.handler = () => ({})",
    dropAfter: { audit_events: "45 days" },
  };
  const state = {
    ...{ serial: 1, urn: former, type: "pulumi-nodejs:dynamic/database:RetentionPolicies" },
    ...{ custom: true, id: "sark_audit-retention", inputs, outputs: inputs, provider: "" },
    ...{ parent: before?.options.parent, dependencies: [], propertyDependencies: {} },
    ...{ protect: false, retainOnDelete: false, deletedWith: "", replacementTrigger: null },
    formerUrns: [],
  };
  const file = path.join(stack.folder, ".sark/state/embedded/local.json");
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const document = { version: 1, project: "sark-databases", stack: "local", resources: [state] };
  fs.writeFileSync(file, JSON.stringify(document));
  try {
    const now = await plan();
    expect(now.find(isIt)?.op).toBe("update");
    expect(now.filter(({ op }) => op === "delete" || op === "replace")).toEqual([]);
  } finally {
    fs.rmSync(file);
  }
});

test("preview warns of more than 1,000 chunks on the terminal and in the report", async () => {
  stack.configure((config) => {
    config["sark-databases:audit"] = {
      home: "local",
      retention: { audit_events: "1200 days" },
      ingest: { audit_events: 100 },
    };
  });
  const { printed, reported } = await warnings("local");
  expect(printed).toHaveLength(1);
  expect(printed[0]).toMatch(
    /^sark_audit will have up to \d{4,} chunks, more than 1000, .*: audit_events \d+ \(1200 days in chunks of \d+ hours?\), /,
  );
  expect(reported).toEqual(printed);
});
