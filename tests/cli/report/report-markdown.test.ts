import type { DatabaseDrift } from "../../../cli/report/database-drift";
import { markdownReport, reportMarker, NOTHING_FOUND } from "../../../cli/report/report-markdown";
import { planOf, row } from "../support/fakes";

const ROLE = "postgresql:index/role:Role";

describe("a report in Markdown", () => {
  it("begins with its marker, and contains the plan as on a terminal", () => {
    const changes = [{ path: "connectionLimit", from: "7", to: "-1" }];
    const text = markdownReport("drift", planOf(row("update", ROLE, "app", { changes })));
    expect(text.split("\n")[0]).toBe(reportMarker("drift", "local"));
    expect(text).toContain("### Drift of `local`");
    expect(text).toContain("**Plan: 1 to update.**");
    expect(text).toContain("```text\n  ~ Role  app\n      connectionLimit: 7 -> -1\n");
    expect(text).toMatch(/Engine embedded · fingerprint `[0-9a-f]{64}`/);
    expect(text).not.toContain(NOTHING_FOUND);
  });

  it("has a marker on its second line if there are no changes", () => {
    const text = markdownReport("preview", planOf(row("same", ROLE, "app")));
    expect(text.split("\n")[1]).toBe(NOTHING_FOUND);
    expect(text).toContain("### Preview of `local`");
    expect(text).not.toContain("```");
  });

  it("lists unchecked parts", () => {
    const plan = {
      ...planOf(row("create", ROLE, "app")),
      unchecked: ["The network was not seen."],
    };
    const text = markdownReport("preview", plan);
    expect(text.match(/Not checked: The network was not seen\./g)).toHaveLength(1);
  });

  it("keeps a value inside its code block, whatever it contains", () => {
    const changes = [{ path: "comment", from: "```", to: "````\n# Approved" }];
    const text = markdownReport("preview", planOf(row("update", ROLE, "app", { changes })));
    const fence = /^(`+)text$/m.exec(text)?.[1] ?? "";
    expect(fence.length).toBe(5);
    expect(text.split("\n").filter((line) => line === fence)).toHaveLength(1);
  });

  it("names pending migrations", () => {
    const inputs = { directory: "sql/sark", files: { "000001_users.sql": "hash" } };
    const migrations = row("create", "pulumi-nodejs:dynamic/database:Migrations", "sark", {
      inputs,
    });
    expect(markdownReport("preview", planOf(migrations))).toContain(
      "\n\nPending migrations: sark 000001_users.sql\n",
    );
  });

  it("shows schema differences in a code block that no object name can end", () => {
    const planted = { object: "function public.f()", missing: [], foreign: [] };
    const line = "```\n# Approved";
    const schemas: readonly DatabaseDrift[] = [
      {
        database: "sark",
        schema: {
          differences: [
            { ...planted, kind: "foreign" },
            { object: "table public.users", kind: "changed", missing: [], foreign: [line] },
          ],
        },
        roles: { differences: [] },
      },
    ];
    const text = markdownReport("drift", planOf(row("same", ROLE, "app")), schemas);
    expect(text).toContain(
      "\nSchema drift in sark: + 1 only in the database, ~ 1 changed.\n\n" +
        "No role drift in sark.\n\n<details><summary>Differences in sark</summary>\n\n````text\n  + function public.f()\n",
    );
    expect(text.match(/^````$/gm)).toHaveLength(1);
    expect(text).not.toContain(NOTHING_FOUND);
  });

  it("with many differences of schema and roles fits into a GitHub comment", () => {
    const line = "x".repeat(500);
    const differences = Array.from({ length: 900 }, (_each, index) => ({
      ...{ object: `table public.t${index}`, kind: "changed" as const },
      ...{ missing: [line, line, line, line, line], foreign: [line, line, line, line, line] },
    }));
    const roles = Array.from({ length: 200 }, (_each, index) => ({
      ...{ effect: "gained" as const, text: `${index} ${line}`, undo: line },
    }));
    const schemas = ["sark", "sark_audit"].map((database) => ({
      ...{ database, schema: { differences }, roles: { differences: roles } },
    }));
    const rows = Array.from({ length: 4000 }, (_each, index) =>
      row("create", `${ROLE}${index % 900}`, `a-resource-with-a-rather-long-name-${index}`),
    );
    const text = markdownReport("drift", planOf(...rows), schemas);
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain("<summary>Differences in the roles of sark</summary>");
    expect(text).toContain("Schema drift in sark_audit: ~ 900 changed.");
  });

  it("of a long plan fits into a GitHub comment, and refers to the log", () => {
    const rows = Array.from({ length: 4000 }, (_each, index) =>
      row("create", `${ROLE}${index % 900}`, `a-resource-with-a-rather-long-name-${index}`),
    );
    const text = markdownReport("preview", planOf(...rows));
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain("The rest is in the log of the run.");
    expect(text.trimEnd().split("\n").at(-1)).toContain("fingerprint");
  });
});
