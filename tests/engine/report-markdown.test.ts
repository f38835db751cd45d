import { markdownReport, markOf, NOTHING_FOUND } from "../../engine/report-markdown";
import { planOf, row } from "./support/fakes";

const ROLE = "postgresql:index/role:Role";

describe("a report in Markdown", () => {
  it("begins with whose it is, and holds what a terminal shows", () => {
    const changes = [{ path: "connectionLimit", from: "7", to: "-1" }];
    const text = markdownReport("drift", planOf(row("update", ROLE, "app", { changes })));
    expect(text.split("\n")[0]).toBe(markOf("drift", "local"));
    expect(text).toContain("### Drift of `local`");
    expect(text).toContain("**Plan: 1 to update.**");
    expect(text).toContain("```text\n  ~ Role  app\n      connectionLimit: 7 -> -1\n");
    expect(text).toMatch(/Engine embedded · fingerprint `[0-9a-f]{64}`/);
    expect(text).not.toContain(NOTHING_FOUND);
  });

  it("says on its second line that there is nothing to do", () => {
    const text = markdownReport("preview", planOf(row("same", ROLE, "app")));
    expect(text.split("\n")[1]).toBe(NOTHING_FOUND);
    expect(text).toContain("### Preview of `local`");
    expect(text).not.toContain("```");
  });

  it("says what was not checked", () => {
    const plan = {
      ...planOf(row("create", ROLE, "app")),
      unchecked: ["The network was not seen."],
    };
    const text = markdownReport("preview", plan);
    expect(text.match(/Not checked: The network was not seen\./g)).toHaveLength(1);
  });

  it("stays in its block, whatever a value holds", () => {
    const changes = [{ path: "comment", from: "```", to: "````\n# Approved" }];
    const text = markdownReport("preview", planOf(row("update", ROLE, "app", { changes })));
    const fence = /^(`+)text$/m.exec(text)?.[1] ?? "";
    expect(fence.length).toBe(5);
    expect(text.split("\n").filter((line) => line === fence)).toHaveLength(1);
  });

  it("fits into a comment, and says where the rest is", () => {
    const rows = Array.from({ length: 4000 }, (_each, index) =>
      row("create", `${ROLE}${index % 900}`, `a-resource-with-a-rather-long-name-${index}`),
    );
    const text = markdownReport("preview", planOf(...rows));
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain("The rest is in the log of the run.");
    expect(text.trimEnd().split("\n").at(-1)).toContain("fingerprint");
  });
});
