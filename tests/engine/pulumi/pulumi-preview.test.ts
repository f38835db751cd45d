import * as fs from "node:fs";
import * as path from "node:path";
import { readPreview } from "../../../engine/pulumi/pulumi-preview";

/** Output of CLI 3.260 for a small program: each operation once, a replacement, a secret. */
const FIXTURE = fs.readFileSync(path.join(__dirname, "fixtures", "preview.json"), "utf8");
const { resources, diagnostics } = readPreview(FIXTURE);

function find(name: string) {
  const found = resources.find(({ urn }) => urn.endsWith(`::${name}`));
  if (found === undefined) throw new Error(`no ${name} in the plan`);
  return found;
}

describe("a preview of the CLI", () => {
  it("has each resource once, with its operation", () => {
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

  it("names the changed inputs, also of dynamic resources", () => {
    expect(find("sark").changes).toEqual([
      { path: "parameters.reload.work_mem", from: "9MB", to: "21MB" },
      { path: "parameters.restart.shared_buffers", from: "36", to: "84" },
      { path: "port", from: "5432", to: "5433" },
    ]);
    expect(find("audit").changedKeys).toEqual(["starts"]);
    expect(find("more").changedKeys).toEqual([]);
    expect(find("other").changedKeys).toEqual([]);
  });

  it("hides secrets, and omits the code of dynamic providers", () => {
    expect(find("sark").inputs).toEqual({
      delay: 0,
      parameters: { reload: { work_mem: "21MB" }, restart: { shared_buffers: 84 } },
      password: "[secret]",
      port: 5433,
    });
  });

  it("has the resource options that the CLI reports", () => {
    expect(find("more").options).toEqual({
      protect: true,
      retainOnDelete: false,
      deletedWith: "",
      deleteBeforeReplace: false,
      ignoreChanges: ["length"],
      dependencies: [find("sark").urn],
      propertyDependencies: {},
      provider: "",
      parent: find("sark-databases-local").urn,
      aliases: [],
    });
    expect(find("sark").options.parent).toBe(find("both").urn);
  });

  it("has the dependencies of each input, and the provider of a resource", () => {
    const newState = {
      type: "aws:kms/alias:Alias",
      provider: "urn:pulumi:prod::p::pulumi:providers:aws::second::6b1c",
      propertyDependencies: { name: null, tags: [], targetKeyId: ["urn:key"] },
    };
    const text = JSON.stringify({ steps: [{ op: "create", urn: "urn:alias", newState }] });
    expect(readPreview(text).resources[0]?.options).toMatchObject({
      propertyDependencies: { targetKeyId: ["urn:key"] },
      provider: "urn:pulumi:prod::p::pulumi:providers:aws::second",
    });
  });

  it.each(["default", "default_4_21_2"])("omits the CLI's own provider %s", (name) => {
    const provider = `urn:pulumi:prod::p::pulumi:providers:random::${name}::6b1c`;
    const newState = { type: "random:index/randomPassword:RandomPassword", provider };
    const text = JSON.stringify({ steps: [{ op: "create", urn: "urn:password", newState }] });
    expect(readPreview(text).resources[0]?.options.provider).toBe("");
  });

  it("has customTimeouts if the program sets them", () => {
    const newState = { type: "aws:rds/instance:Instance", customTimeouts: { create: 10_800 } };
    const urn = "urn:pulumi:prod::sark-databases::aws:rds/instance:Instance::primary";
    const { resources: read } = readPreview(
      JSON.stringify({ steps: [{ op: "create", urn, newState }] }),
    );
    expect(read[0]?.options.customTimeouts).toEqual({ create: 10_800 });
    expect(find("more").options).not.toHaveProperty("customTimeouts");
  });

  it("has deletedWith of a resource", () => {
    const oldState = { type: "postgresql:index/role:Role", deletedWith: "urn:cluster" };
    const text = JSON.stringify({ steps: [{ op: "delete", urn: "urn:role", oldState }] });
    expect(readPreview(text).resources[0]?.options.deletedWith).toBe("urn:cluster");
    expect(find("extra").options.deletedWith).toBe("");
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

  it("is named if the provider names it, since both values are secret", () => {
    const hidden = [{ path: "password", from: "[secret]", to: "[secret]" }];
    expect(step({ detailedDiff: { password: { kind: "update" } } })).toEqual(hidden);
    expect(step({ diffReasons: ["password"] })).toEqual(hidden);
  });

  it("is shown if it was made on the server, and the CLI has refreshed", () => {
    const inputs = { password: "[secret]", a: 1, limit: -1 };
    const oldState = { type: "t", inputs, outputs: { ...inputs, limit: 7, password: "[secret]" } };
    const diff = { oldState, newState: { type: "t", inputs } };
    expect(step({ ...diff, diffReasons: ["limit", "password"] })).toEqual([
      { path: "limit", from: "7", to: "-1" },
      { path: "password", from: "[secret]", to: "[secret]" },
    ]);
  });

  it.each([
    [
      "a member that was added to an array",
      "roles[1]",
      { roles: ["pg_monitor"] },
      { roles: ["pg_monitor", "sark_owner"] },
      { path: "roles", from: '["pg_monitor","sark_owner"]', to: '["pg_monitor"]' },
    ],
    [
      "a member of an array in another order",
      "roles[0]",
      { roles: ["pg_monitor", "sark_owner"] },
      { roles: ["sark_owner"] },
      { path: "roles", from: '["sark_owner"]', to: '["pg_monitor","sark_owner"]' },
    ],
    [
      "a secret that the provider gives back in plain text",
      "password",
      { password: "[secret]" },
      { password: "hunter2" },
      { from: "[secret]", to: "[secret]" },
    ],
    [
      "an array of which one member is secret",
      "keys",
      { keys: ["a", "[secret]"] },
      { keys: ["a", "hunter2"] },
      { from: '["a","[secret]"]', to: '["a","[secret]"]' },
    ],
    [
      "a whole array",
      "privileges",
      { privileges: ["CONNECT"] },
      { privileges: ["CONNECT", "CREATE"] },
      { from: '["CONNECT","CREATE"]', to: '["CONNECT"]' },
    ],
    ["a missing value", "schema", { schema: "public" }, {}, { from: "(not set)", to: "public" }],
    ["null", "validUntil", {}, { validUntil: null }, { from: "null", to: "(not set)" }],
    [
      "a value inside an object",
      'tags["a.b"]',
      { tags: { "a.b": "1" } },
      { tags: { "a.b": "2" } },
      { from: "2", to: "1" },
    ],
    [
      "an array that holds a secret",
      "keys",
      { keys: ["a", "[secret]"] },
      { keys: ["b", "[secret]"] },
      { from: '["b","[secret]"]', to: '["a","[secret]"]' },
    ],
    [
      "a place inside a secret",
      "login.password",
      { login: "[secret]" },
      { login: "[secret]" },
      { from: "[secret]", to: "[secret]" },
    ],
  ])("is shown for %s that the CLI found on the server", (_what, name, wanted, found, values) => {
    const oldState = { type: "t", inputs: wanted, outputs: found };
    const diff = { oldState, newState: { type: "t", inputs: wanted } };
    expect(step({ ...diff, detailedDiff: { [name]: { kind: "update" } } })).toEqual([
      { path: name, ...values },
    ]);
  });

  it("is not named again if a deeper path is known", () => {
    const newState = { type: "t", inputs: { password: "[secret]", a: { b: 1 } } };
    expect(step({ newState, diffReasons: ["a"] })).toEqual([
      { path: "a", from: "1", to: '{"b":1}' },
    ]);
  });

  it("is shown as `[unknown]` if the new value is not known yet", () => {
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const newState = { type: "t", inputs: { password: "[secret]", a: unknown } };
    expect(step({ newState })).toEqual([{ path: "a", from: "1", to: "[unknown]" }]);
  });
});
