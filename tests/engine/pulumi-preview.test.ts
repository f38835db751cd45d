import * as fs from "node:fs";
import * as path from "node:path";
import { readPreview } from "../../engine/pulumi-preview";

/** What CLI 3.260 printed for a small program: each operation once, a replacement, a secret. */
const FIXTURE = fs.readFileSync(path.join(__dirname, "fixtures", "preview.json"), "utf8");
const { resources, diagnostics } = readPreview(FIXTURE);

function find(name: string) {
  const found = resources.find(({ urn }) => urn.endsWith(`::${name}`));
  if (found === undefined) throw new Error(`no ${name} in the plan`);
  return found;
}

describe("a preview of the CLI's", () => {
  it("has each resource once, with what will happen to it", () => {
    expect(resources.map(({ op, urn }) => `${op} ${urn.split("::").at(-1) ?? ""}`)).toEqual([
      "same sark-databases-local",
      "same both",
      "same other",
      "same pw",
      "replace sark",
      "update audit",
      "create more",
      "delete extra",
    ]);
  });

  it("names the inputs that change, which the CLI does not for dynamic resources", () => {
    expect(find("sark").changes).toEqual([
      { path: "parameters.reload.work_mem", from: "9MB", to: "21MB" },
      { path: "parameters.restart.shared_buffers", from: "36", to: "84" },
      { path: "port", from: "5432", to: "5433" },
    ]);
    expect(find("audit").changedKeys).toEqual(["starts"]);
    expect(find("more").changedKeys).toEqual([]);
    expect(find("other").changedKeys).toEqual([]);
  });

  it("hides secrets, and leaves out the code of providers", () => {
    expect(find("sark").inputs).toEqual({
      delay: 0,
      parameters: { reload: { work_mem: "21MB" }, restart: { shared_buffers: 84 } },
      password: "[secret]",
      port: 5433,
    });
  });

  it("has the options that the CLI reports", () => {
    expect(find("more").options).toEqual({
      protect: true,
      retainOnDelete: false,
      deleteBeforeReplace: false,
      ignoreChanges: ["length"],
      dependencies: [find("sark").urn],
      parent: find("sark-databases-local").urn,
      aliases: [],
    });
    expect(find("sark").options.parent).toBe(find("both").urn);
  });

  it("keeps the program's warnings", () => {
    expect(diagnostics).toContainEqual({ severity: "warning", message: "warning: size is big\n" });
  });
});

describe("a change that the inputs do not show", () => {
  const step = (more: object) => {
    const state = { type: "postgresql:index/role:Role", inputs: { password: "[secret]", a: 1 } };
    const all = { op: "update", urn: "u", oldState: state, newState: state, ...more };
    return readPreview(JSON.stringify({ steps: [all] })).resources[0]?.changes;
  };

  it("is named where the provider names it, since both values are hidden", () => {
    const hidden = [{ path: "password", from: "[hidden]", to: "[hidden]" }];
    expect(step({ detailedDiff: { password: { kind: "update" } } })).toEqual(hidden);
    expect(step({ diffReasons: ["password"] })).toEqual(hidden);
  });

  it("is not named twice where a deeper path is known", () => {
    const newState = { type: "t", inputs: { password: "[secret]", a: { b: 1 } } };
    expect(step({ newState, diffReasons: ["a"] })).toEqual([
      { path: "a", from: "1", to: '{"b":1}' },
    ]);
  });

  it("to a value that is not known yet is shown as such", () => {
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const newState = { type: "t", inputs: { password: "[secret]", a: unknown } };
    expect(step({ newState })).toEqual([{ path: "a", from: "1", to: "[unknown]" }]);
  });
});
