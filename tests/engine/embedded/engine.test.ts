import { buildSync } from "esbuild";
import { EmbeddedEngine } from "../../../engine/embedded/embedded-engine";
import type { Progress } from "../../../engine/engine";
import { Project, names, operations, row } from "./harness";

jest.setTimeout(180_000);

let project: Project;
beforeEach(() => {
  project = new Project();
});
afterEach(() => {
  project.dispose();
});

test("up creates everything in order; a second up changes nothing", async () => {
  project.program(`
    const group = new Group("g");
    const a = thing("a", { size: 1 }, { parent: group });
    const b = thing("b", { of: a.token }, { parent: group });
    module.exports = { token: b.token };
  `);
  const first = await project.up();
  expect(first.error).toBeUndefined();
  expect(names(first.value.done)).toEqual(["a", "b", "demo-test", "g"]);
  expect(first.value.outputs).toEqual({ token: "token-of-b" });
  expect(project.things()).toEqual({
    a: { name: "a", size: 1 },
    b: { name: "b", of: "token-of-a" },
  });
  expect(project.calls()).toEqual(["create a", "create b"]);

  const plan = await project.preview();
  expect(plan.value.resources.map(({ op }) => op)).toEqual(["same", "same", "same", "same"]);
  expect(plan.value.resources.map(({ urn }) => urn).sort()).toEqual([
    "urn:pulumi:test::demo::demo:index:Group$pulumi-nodejs:dynamic/test:Thing::a",
    "urn:pulumi:test::demo::demo:index:Group$pulumi-nodejs:dynamic/test:Thing::b",
    "urn:pulumi:test::demo::demo:index:Group::g",
    "urn:pulumi:test::demo::pulumi:pulumi:Stack::demo-test",
  ]);
  const second = await project.up();
  expect(second.value).toMatchObject({ done: [], failed: [], skipped: [] });
  expect(project.calls()).toEqual([]);
});

test("an update names the changed path, and changes nothing else", async () => {
  const program = (size: number): string =>
    `thing("a", { deep: { list: [1, ${size}], "odd key": 1 } }); thing("b");`;
  project.program(program(2));
  await project.up();
  project.calls();

  project.program(program(3));
  const { value: plan } = await project.preview();
  expect(operations(plan)).toEqual({ a: "update", b: "same" });
  expect(row(plan, "a").changes).toEqual([{ path: "deep.list[1]", from: "2", to: "3" }]);
  expect(project.calls()).toEqual([]);
  const { value } = await project.up();
  expect(names(value.done)).toEqual(["a"]);
  expect(project.calls()).toEqual(["update a"]);
});

test("in a preview the outputs of a new resource are unknown, and no apply runs on them", async () => {
  project.program(`
    const a = thing("a", { size: 1 });
    a.token.apply((token) => { throw new Error("apply ran in the preview: " + token); });
    thing("b", { of: a.token, size: a.size });
    module.exports = { token: a.token };
  `);
  const { value: plan, error } = await project.preview();
  expect(error).toBeUndefined();
  expect(row(plan, "b").inputs).toEqual({ name: "b", of: "[unknown]", size: 1 });
  expect(plan.outputs).toEqual({ token: "[unknown]" });
  expect(project.exists(".sark")).toBe(false);
  expect(project.exists("things")).toBe(false);
});

test("in a preview the outputs of an update are its inputs", async () => {
  const program = (size: number): string => `
    const a = thing("a", { size: ${size}, port: 1 });
    thing("b", { of: a.token, port: a.port });
    module.exports = { id: a.id };
  `;
  project.program(program(1));
  await project.up();
  project.program(program(2));
  const { value: plan } = await project.preview();
  expect(row(plan, "b")).toMatchObject({
    op: "update",
    changedKeys: ["of"],
    inputs: { of: "[unknown]", port: 1 },
  });
  expect(plan.outputs).toEqual({ id: "id-a" });
});

test("a plan, a result, a report and an error contain no secret", async () => {
  const canary = "canary-8f3a";
  const program = (password: string): string => `
    const password = pulumi.secret("${password}");
    const a = thing("a", { password });
    thing("b", { password: { list: [a.password] }, text: pulumi.interpolate\`x\${a.password}\` });
    a.password.apply((text) => pulumi.log.info("the password is " + text));
    module.exports = { password: a.password };
  `;
  project.program(program(canary));
  project.failAt("create b");
  const failed = await project.up();
  project.failAt();
  const outcomes = [await project.preview(), failed, await project.up(), await project.preview()];
  project.program(program(`${canary}-2`));
  outcomes.push(await project.preview(), await project.up(), await project.previewDestroy());
  for (const outcome of outcomes) expect(JSON.stringify(outcome)).not.toContain(canary);

  expect(failed.value.failed[0]?.reason).toBe("create b failed with [secret]");
  const plan = (await project.preview()).value;
  expect(row(plan, "b").inputs).toMatchObject({ text: "[secret]" });
  expect(plan.outputs).toEqual({ password: "[secret]" });
  expect((await project.outputs()).value).toEqual({ password: `${canary}-2` });
});

test("random values are generated once, are secret, and change with the keepers", async () => {
  const program = (generation: number): string => `
    const password = new random.RandomPassword("p", {
      length: 24, special: false, keepers: { n: "${generation}" } });
    const id = new random.RandomId("i", { byteLength: 4, prefix: "x-" });
    thing("a", { password: password.result });
    module.exports = { password: password.result, id: id.hex };
  `;
  project.program(program(1));
  await project.up();
  const first = (await project.outputs()).value;
  expect(first).toEqual({
    password: expect.stringMatching(/^[A-Za-z0-9]{24}$/) as string,
    id: expect.stringMatching(/^x-[0-9a-f]{8}$/) as string,
  });
  expect((await project.up()).value.done).toEqual([]);
  expect((await project.outputs()).value).toEqual(first);

  project.program(program(2));
  const { value: plan } = await project.preview();
  expect(operations(plan)).toEqual({ p: "replace", i: "same", a: "update" });
  expect(row(plan, "p").changedKeys).toEqual(["keepers.n"]);
  expect(row(plan, "a").inputs).toMatchObject({ password: "[unknown]" });
  await project.up();
  const second = (await project.outputs()).value;
  expect(second?.["id"]).toEqual(first?.["id"]);
  expect(second?.["password"]).not.toEqual(first?.["password"]);
  // The replaced resource is removed from the state.
  expect(project.read(".sark/state/embedded/test.json")).not.toContain("condemned");
});

test("changes of inputs in ignoreChanges are ignored", async () => {
  const program = (size: number): string =>
    `thing("a", { size: ${size}, keep: ${size} }, { ignoreChanges: ["size"] });`;
  project.program(program(1));
  await project.up();
  project.program(program(2));
  const { value: plan } = await project.preview();
  expect(row(plan, "a").changedKeys).toEqual(["keep"]);
  await project.up();
  expect(project.things()).toEqual({ a: { name: "a", size: 1, keep: 2 } });
});

test("an alias renames a resource without any other change", async () => {
  project.program(`const a = thing("old-a", { name: "a" }); thing("b", { of: a.token });`);
  await project.up();
  project.calls();
  project.program(`
    const a = thing("new-a", { name: "a" }, { aliases: [{ name: "old-a" }] });
    thing("b", { of: a.token });
  `);
  const { value: plan } = await project.preview();
  expect(operations(plan)).toEqual({ "new-a": "same", b: "same" });
  expect(row(plan, "new-a").options.aliases).toEqual([
    "urn:pulumi:test::demo::pulumi-nodejs:dynamic/test:Thing::old-a",
  ]);
  const { value } = await project.up();
  expect(value.done).toEqual([]);
  expect(project.calls()).toEqual([]);
  expect((await project.preview()).value.resources.map(({ op }) => op)).not.toContain("delete");
  expect(Object.keys(project.things())).toEqual(["a", "b"]);
});

test("resources that the program no longer has are deleted last, dependents first", async () => {
  project.program(`
    const a = thing("a"); const b = thing("b", { of: a.token });
    thing("c", {}, { dependsOn: b }); thing("d");
  `);
  await project.up();
  project.calls();
  project.program(`thing("d", { size: 1 });`);
  const { value: plan } = await project.preview();
  expect(operations(plan)).toEqual({ d: "update", c: "delete", b: "delete", a: "delete" });
  await project.up();
  expect(project.calls()).toEqual(["update d", "delete c", "delete b", "delete a"]);
  expect(Object.keys(project.things())).toEqual(["d"]);
});

test("destroy deletes everything in reverse order without the program, and removes the state", async () => {
  project.program(`const a = thing("a"); thing("b", { of: a.token });`);
  await project.up();
  project.calls();
  project.program(`throw new Error("destroy ran the program");`);
  const { value: plan } = await project.previewDestroy();
  expect(operations(plan)).toEqual({ b: "delete", a: "delete" });
  const { value } = await project.destroy();
  expect(value.failed).toEqual([]);
  expect(project.calls()).toEqual(["delete b", "delete a"]);
  expect(project.exists(".sark/state/embedded/test.json")).toBe(false);
  expect((await project.outputs()).value).toBeUndefined();
});

test("retainOnDelete keeps the resource, and deletedWith skips its own deletion", async () => {
  project.program(`
    const a = thing("a"); thing("inside", {}, { deletedWith: a });
    thing("kept", {}, { retainOnDelete: true });
  `);
  await project.up();
  project.calls();
  const { value: plan } = await project.previewDestroy();
  expect(row(plan, "inside").options.deletedWith).toBe(row(plan, "a").urn);
  await project.destroy();
  expect(project.calls()).toEqual(["delete a"]);
  expect(Object.keys(project.things())).toEqual(["inside", "kept"]);
});

test("a replacement with retainOnDelete does not report a deletion", async () => {
  const program = (kind: string): string => `
    thing("kept", { kind: "${kind}", name: "kept-${kind}" }, { retainOnDelete: true });
    thing("a", { kind: "${kind}", name: "a-${kind}" });`;
  project.program(program("x"));
  await project.up();
  project.program(program("beside"));
  const { events } = await project.up();
  expect(Object.keys(project.things())).toEqual(["a-beside", "kept-beside", "kept-x"]);
  const ends = events.flatMap(
    (event) => /^finished (\w+) .*::(\w+)$/.exec(event)?.slice(1).join(" ") ?? [],
  );
  expect(ends.filter((end) => end !== "same kept").sort()).toEqual([
    "delete a",
    "replace a",
    "replace kept",
  ]);
});

describe("protect", () => {
  test("stops a destroy before anything is deleted, and names all protected resources", async () => {
    project.program(`
      thing("a", {}, { protect: true }); thing("b"); thing("c", {}, { protect: true });`);
    await project.up();
    const { error } = await project.destroy();
    expect(error?.name).toBe("UserError");
    expect(error?.message).toMatch(/Thing::a\n.*Thing::c\n/);
    expect(Object.keys(project.things())).toEqual(["a", "b", "c"]);
  });

  test("stops an up that would replace or delete a protected resource, before it changes anything", async () => {
    project.program(`
      thing("a", { kind: "x" }, { protect: true }); thing("b", {}, { protect: true });`);
    await project.up();
    project.calls();
    project.program(`thing("a", { kind: "y" }, { protect: true }); thing("c");`);
    const { value: plan, events } = await project.preview();
    expect(operations(plan)).toEqual({ a: "replace", b: "delete", c: "create" });
    expect(events).toContainEqual(expect.stringMatching(/^error Protected .*\n.*Thing::a\n/));
    const { error } = await project.up();
    expect(error?.message).toMatch(/Thing::a\n.*Thing::b\n/);
    expect(project.calls()).toEqual([]);

    project.program(`thing("a", { kind: "y" });thing("b");`);
    expect((await project.up()).value.failed).toEqual([]);
  });
});

describe("replacement", () => {
  test("with deleteBeforeReplace deletes the old resource first, with its dependents", async () => {
    const program = (kind: string): string => `
      const a = thing("a", { kind: "${kind}" });
      thing("follows", { kind: a.token });
      thing("lives in", {}, { deletedWith: a });
      thing("only uses", { of: a.token });
    `;
    project.program(program("x"));
    await project.up();
    project.calls();
    project.program(program("y"));
    const { value: plan } = await project.preview();
    expect(operations(plan)).toEqual({
      a: "replace",
      follows: "replace",
      "lives in": "replace",
      "only uses": "update",
    });
    const { value } = await project.up();
    expect(value.failed).toEqual([]);
    const calls = project.calls();
    expect(calls.slice(0, 3)).toEqual(["delete follows", "delete a", "create a"]);
    expect([...calls.slice(3)].sort()).toEqual(["create follows", "create lives in"]);
    expect((await project.preview()).value.resources.map(({ op }) => op)).toEqual(
      Array.from({ length: 5 }, () => "same"),
    );
  });

  test("without deleteBeforeReplace creates the new resource first, and deletes the old one last", async () => {
    project.program(`const a = thing("a", { kind: "x" }); thing("b", { of: a.kind });`);
    await project.up();
    project.calls();
    project.program(
      `const a = thing("a", { kind: "beside", name: "a2" }); thing("b", { of: a.kind });`,
    );
    expect((await project.up()).value.failed).toEqual([]);
    expect(project.calls()).toEqual(["create a2", "update b", "delete a"]);
    expect(Object.keys(project.things())).toEqual(["a2", "b"]);
    expect((await project.up()).value.done).toEqual([]);
  });
});

describe("the embedded engine refuses", () => {
  test("to apply types without a provider, before anything is created, but previews them", async () => {
    project.program(`
      thing("a");
      class Bucket extends pulumi.CustomResource {}
      const bucket = new Bucket("aws:s3/bucket:Bucket", "b", { acl: "private", arn: undefined });
      const ami = pulumi.runtime.invokeOutput("aws:ec2/getAmi:getAmi", {});
      module.exports = { arn: bucket.arn, ami: ami.id };
    `);
    const { value: plan } = await project.preview();
    expect(operations(plan)).toEqual({ a: "create", b: "create" });
    expect(plan.outputs).toEqual({ arn: "[unknown]", ami: "[unknown]" });
    expect(plan.unchecked).toEqual([expect.stringContaining("aws:ec2/getAmi:getAmi")]);
    const { error } = await project.up();
    expect(error).toMatchObject({
      name: "UserError",
      message: expect.stringContaining("aws:s3/bucket:Bucket") as string,
    });
    expect(project.exists("things")).toBe(false);
  });

  test("inputs that fail checks, and names all of them, in preview and up", async () => {
    project.program(`
      thing("a", { bad: "one" }); thing("b"); thing("c", { bad: "two" });
    `);
    for (const { error } of [await project.preview(), await project.up()]) {
      expect(error?.name).toBe("UserError");
      expect(error?.message).toMatch(/Thing a: bad: bad is one/);
      expect(error?.message).toMatch(/Thing c: bad: bad is two/);
    }
    expect(project.exists("things")).toBe(false);
  });

  test("two resources with the same name", async () => {
    project.program(`thing("a"); thing("a");`);
    expect((await project.preview()).error?.message).toMatch(/have the name "a"/);
  });

  test.each([
    [`import: "here"`, "import"],
    [`replaceOnChanges: ["value"]`, "replaceOnChanges"],
    ["replacementTrigger: 2", "replacementTrigger"],
    [`ignoreChanges: ["keepers.colour"]`, "ignoreChanges of a part"],
    [`ignoreChanges: ["*"]`, "ignoreChanges of a part"],
    [
      `aliases: ["urn:pulumi:local::things::random:index/randomId:RandomId::b"]`,
      "aliases of this kind",
    ],
    ["aliases: [{ parent: group }]", "aliases of this kind"],
  ])("an unsupported option: %s", async (option, name) => {
    project.program(`
      const group = new pulumi.ComponentResource("things:Group", "group");
      new random.RandomId("a", { byteLength: 5 }, { ${option} });
    `);
    expect((await project.preview()).error?.message).toMatch(
      `RandomId a: the embedded engine does not support the option ${name}.`,
    );
  });

  test("a resource with a provider of another package", async () => {
    project.program(`
      const provider = new postgresql.Provider("there", { host: "127.0.0.1" });
      new random.RandomId("a", { byteLength: 5 }, { provider });
    `);
    expect((await project.preview()).error?.message).toMatch(
      /RandomId a has a provider of the package postgresql/,
    );
  });
});

describe("a program that fails", () => {
  test("with a settings error is reported without a stack trace", async () => {
    project.program(`
      class SettingsError extends Error { name = "SettingsError"; }
      thing("a");
      throw new SettingsError("pool: must be a number, not 'x'");
    `);
    const { error } = await project.up();
    expect(error).toMatchObject({ name: "UserError", message: "pool: must be a number, not 'x'" });
    expect(project.exists("things")).toBe(false);
  });

  test("with another error is reported with a stack trace", async () => {
    project.program(`
      function wrong() { return undefined.length; }
      thing("a").size2 = pulumi.output(1).apply(() => wrong());
      thing("b", { of: pulumi.output(1).apply(() => wrong()) });
    `);
    const { error } = await project.preview();
    expect(error?.name).toBe("ProgramError");
    expect(error?.stack).toMatch(/wrong \(.*program\.js:\d+:\d+\)/);
  });

  test("is reported with source lines if the bundle has a source map", async () => {
    project.write(
      "main.ts",
      `\n\nexport function wrong(this: void): never {\n  throw new Error("here");\n}\nwrong();\n`,
    );
    buildSync({
      entryPoints: [`${project.root}/main.ts`],
      outfile: `${project.root}/program.js`,
      sourcemap: true,
      bundle: true,
      platform: "node",
    });
    const { error } = await project.preview();
    expect(error?.stack).toMatch(/at wrong \(.*main\.ts:4:\d+\)/);
  });

  test("with a logged error fails the run, and the error is reported once", async () => {
    project.program(`pulumi.log.warn("careful"); pulumi.log.error("no good");`);
    const { error, events } = await project.preview();
    expect(events).toEqual(["warning careful"]);
    expect(error?.message).toBe("no good");
  });
});

test("a preview is refused if the stack belongs to another project name", async () => {
  project.program(`thing("a");`);
  await project.up();
  project.write("Pulumi.yaml", "name: other\nruntime: nodejs\n");
  expect((await project.preview()).error?.message).toMatch(/belongs to the project "demo"/);
});

test("several plans can be made in one process, also in a test's", async () => {
  project.program(`
    let count = 0;
    thing("a", { count: ++count, list: [1, { deep: Promise.resolve([2]) }] });
    module.exports = { name: pulumi.getStack(), wanted: new pulumi.Config().require("wanted") };
  `);
  const engine = new EmbeddedEngine({ program: (root) => `${root}/program.js` });
  const silent = (): void => undefined;
  const progress: Progress = {
    started: silent,
    finished: silent,
    failed: silent,
    message: silent,
  };
  for (const wanted of ["one", "two"]) {
    project.write("Pulumi.test.yaml", `config: { wanted: ${wanted} }`);
    const plan = await engine.preview({ root: project.root, stack: "test" }, progress);
    expect(row(plan, "a").inputs).toEqual({
      name: "a",
      count: 1,
      list: [1, { deep: [2] }],
    });
    expect(plan.outputs).toEqual({ name: "test", wanted });
  }
});
