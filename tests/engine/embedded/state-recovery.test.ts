import * as fs from "node:fs";
import * as path from "node:path";
import { Project, names, operations } from "./harness";

jest.setTimeout(240_000);

interface StateFile {
  readonly unfinished?: { readonly command: string };
  readonly resources: readonly { readonly outputs: unknown }[];
}

let project: Project;
beforeEach(() => {
  project = new Project();
});
afterEach(() => {
  project.dispose();
});

describe("a failed step", () => {
  test("skips its dependents, lets the rest finish, and the next up resumes", async () => {
    project.program(`
      const a = thing("a"); const b = thing("b", { of: a.token });
      const group = new Group("g", { dependsOn: b });
      thing("c", { of: b.token }, { parent: group }); thing("d");
      module.exports = { token: b.token };
    `);
    project.failAt("create b");
    const first = await project.up();
    expect(first.error).toBeUndefined();
    expect(names(first.value.failed)).toEqual(["b"]);
    expect(names(first.value.skipped)).toEqual(["c", "g"]);
    expect(Object.keys(project.things())).toEqual(["a", "d"]);
    project.calls();

    project.failAt();
    const second = await project.up();
    expect(second.value).toMatchObject({
      failed: [],
      skipped: [],
      outputs: { token: "token-of-b" },
    });
    expect(project.calls()).toEqual(["create b", "create c"]);
    expect((await project.up()).value.done).toEqual([]);
  });

  test("prevents all deletions", async () => {
    project.program(`thing("a"); thing("old");`);
    await project.up();
    project.program(`thing("a", { size: 1 });`);
    project.failAt("update a");
    const { value } = await project.up();
    expect(names(value.skipped)).toEqual(["old"]);
    expect(Object.keys(project.things())).toEqual(["a", "old"]);
    project.failAt();
    await project.up();
    expect(Object.keys(project.things())).toEqual(["a"]);
  });

  test("of an update is repeated, even if the program was reverted", async () => {
    project.program(`thing("a", { size: 1 });`);
    await project.up();
    project.program(`thing("a", { size: 2 });`);
    project.failAt("update a");
    await project.up();
    project.failAt();
    project.program(`thing("a", { size: 1 });`);
    expect(operations((await project.preview()).value)).toEqual({ a: "update" });
    await project.up();
    expect((await project.up()).value.done).toEqual([]);
  });

  test("of a deletion keeps the resource's dependencies, and the next destroy resumes", async () => {
    project.program(`const a = thing("a"); thing("b", { of: a.token }); thing("c");`);
    await project.up();
    project.failAt("delete b");
    const { value } = await project.destroy();
    expect(names(value.failed)).toEqual(["b"]);
    expect(names(value.skipped)).toEqual(["a", "demo-test"]);
    expect(Object.keys(project.things())).toEqual(["a", "b"]);
    project.failAt();
    expect((await project.destroy()).value.failed).toEqual([]);
    expect(project.things()).toEqual({});
  });
});

describe("the outputs of a stack", () => {
  const program = (size: number, extra = ""): string =>
    `const a = thing("a", { size: ${size} }); module.exports = { token: a.token, size: ${size}${extra} };`;

  beforeEach(async () => {
    project.program(program(1));
    expect((await project.up()).value.outputs).toEqual({ token: "token-of-a", size: 1 });
  });

  const kept = () =>
    (JSON.parse(fs.readFileSync(project.stateFile, "utf8")) as StateFile).resources[0];

  test("are kept when a step fails, and the run stays unfinished until one succeeds", async () => {
    project.program(program(2));
    project.failAt("update a");
    expect((await project.up()).value.outputs).toEqual({ token: "token-of-a", size: 1 });
    expect(unfinished()).toBe("up");
    project.failAt();
    expect((await project.up()).value.outputs).toEqual({ token: "token-of-a", size: 2 });
    expect(unfinished()).toBeUndefined();
  });

  test("are kept when the program throws after a step", async () => {
    project.program(
      `const a = thing("a", { size: 2 });
       module.exports = { token: a.token.apply((t) => { if (!pulumi.runtime.isDryRun()) throw new Error("broken"); return t; }) };`,
    );
    expect((await project.up()).error?.message).toContain("broken");
    expect(kept()?.outputs).toEqual({ token: "token-of-a", size: 1 });
    expect(unfinished()).toBe("up");
  });

  test("are kept when the run is killed", async () => {
    project.program(program(2));
    expect((await project.up({ DIE_AT: "1+" })).exit).toBe("SIGKILL");
    expect(kept()?.outputs).toEqual({ token: "token-of-a", size: 1 });
    expect(unfinished()).toBe("up");
  });

  test("are kept when a destroy fails half-way", async () => {
    project.failAt("delete a");
    expect((await project.destroy()).value.outputs).toEqual({ token: "token-of-a", size: 1 });
    expect(unfinished()).toBe("destroy");
  });

  test("are exactly the program's after a successful up", async () => {
    project.program(`const a = thing("a", { size: 1 }); module.exports = { token: a.token };`);
    expect((await project.up()).value.outputs).toEqual({ token: "token-of-a" });
  });

  function unfinished(): string | undefined {
    return (JSON.parse(fs.readFileSync(project.stateFile, "utf8")) as StateFile).unfinished
      ?.command;
  }
});

/** Moments before (-) and after (+) the nth write of the state. */
const FIRST_UP = ["1-", "2+", "5-", "7+", "10-", "12+"];
const CHANGING_UP = ["2+", "4-", "6+", "8+", "10-", "12+"];

const BEFORE = `
  const a = thing("a", { kind: "x" }); thing("b", { of: a.token }); thing("gone");
  const p = new random.RandomPassword("p", { length: 8, keepers: { n: "1" } });
  thing("c", { size: 1 });
`;
const AFTER = `
  const a = thing("a", { kind: "y" }); thing("b", { of: a.token });
  const p = new random.RandomPassword("p", { length: 8, keepers: { n: "2" } });
  thing("c", { size: 2 }); thing("new", { kind: a.token });
`;

test.each(FIRST_UP)("an up that is killed at write %s is completed by the next", async (moment) => {
  project.program(BEFORE);
  const killed = await project.up({ DIE_AT: moment });
  expect(killed.exit).toBe("SIGKILL");
  const { value, error } = await project.up();
  expect(error).toBeUndefined();
  expect(value).toMatchObject({ failed: [], skipped: [] });
  expect(Object.keys(project.things())).toEqual(["a", "b", "c", "gone"]);
  expect((await project.up()).value.done).toEqual([]);
  // The temporary file of the killed run is gone.
  expect(fs.readdirSync(path.dirname(project.stateFile))).toEqual(["test.json"]);
});

test.each(CHANGING_UP)(
  "an updating up that is killed at write %s is completed by the next",
  async (moment) => {
    project.program(BEFORE);
    await project.up();
    project.program(AFTER);
    expect((await project.up({ DIE_AT: moment })).exit).toBe("SIGKILL");
    expect((await project.up()).value).toMatchObject({ failed: [], skipped: [] });
    expect(project.things()).toEqual({
      a: { name: "a", kind: "y" },
      b: { name: "b", of: "token-of-a" },
      c: { name: "c", size: 2 },
      new: { name: "new", kind: "token-of-a" },
    });
    expect((await project.up()).value.done).toEqual([]);
  },
);

test.each(["1+", "2-", "4+"])(
  "a destroy that is killed at write %s is completed by the next",
  async (moment) => {
    project.program(BEFORE);
    await project.up();
    expect((await project.destroy({ DIE_AT: moment })).exit).toBe("SIGKILL");
    expect((await project.destroy()).value).toMatchObject({ failed: [], skipped: [] });
    expect(project.things()).toEqual({});
    expect(fs.existsSync(project.stateFile)).toBe(false);
  },
);

describe("a replacement whose old resource is still to be deleted", () => {
  /** Replaces a password and ends before anything is deleted. */
  const interrupted = async () => {
    const password = (n: number) =>
      `new random.RandomPassword("p", { length: 8, keepers: { n: "${n}" } }, { deleteBeforeReplace: false });`;
    project.program(`${password(1)} thing("x");`);
    await project.up();
    project.program(`${password(2)} thing("x", { size: 1 }); thing("last");`);
    project.failAt("update x");
    const { value } = await project.up();
    expect(names(value.failed)).toEqual(["x"]);
    expect(entriesOf("p")).toBe(2);
    project.failAt();
  };
  const entriesOf = (name: string) =>
    (
      JSON.parse(fs.readFileSync(project.stateFile, "utf8")) as { resources: { urn: string }[] }
    ).resources.filter(({ urn }) => urn.endsWith(`::${name}`)).length;

  test("is completed by the next up, which counts the deletion", async () => {
    await interrupted();
    const { value } = await project.up();
    expect(value).toMatchObject({ failed: [], skipped: [] });
    expect(value.done.map(({ urn, op }) => `${op} ${urn.split("::").at(-1)}`).sort()).toEqual([
      "delete p",
      "update x",
    ]);
    expect(entriesOf("p")).toBe(1);
  });

  test("is not completed as long as another step fails", async () => {
    await interrupted();
    project.failAt("update x");
    expect(names((await project.up()).value.skipped)).toEqual(["p"]);
    project.failAt();
    expect((await project.up()).value).toMatchObject({ failed: [], skipped: [] });
  });

  test("is completed by a destroy", async () => {
    await interrupted();
    expect((await project.destroy()).value).toMatchObject({ failed: [], skipped: [] });
    expect(fs.existsSync(project.stateFile)).toBe(false);
  });
});

test.each(["1+", "2-", "3+", "4-"])(
  "after a destroy that is killed at write %s, an up creates everything again",
  async (moment) => {
    project.program(BEFORE);
    await project.up();
    const before = project.things();
    expect((await project.destroy({ DIE_AT: moment })).exit).toBe("SIGKILL");
    expect((await project.up()).value).toMatchObject({ failed: [], skipped: [] });
    expect(project.things()).toEqual(before);
    expect((await project.up()).value.done).toEqual([]);
  },
);

test("a destroy also deletes resources that a killed up had started to create", async () => {
  project.program(BEFORE);
  for (const moment of ["4+", "5-"]) {
    expect((await project.up({ DIE_AT: moment })).exit).toBe("SIGKILL");
    expect((await project.destroy()).value.failed).toEqual([]);
    expect(project.things()).toEqual({});
  }
});

describe("Ctrl-C", () => {
  test("lets the running step finish, starts no other, and exits with 130", async () => {
    project.program(`const a = thing("a", { slow: 2000 }); thing("b", { of: a.token });`);
    const outcome = await project.upWithSignal((pid) => {
      whenCalled(() => process.kill(pid, "SIGINT"));
    });
    expect(outcome.exit).toBe(130);
    expect(outcome.events).toContainEqual(expect.stringMatching(/^warning Interrupted\./));
    expect(Object.keys(project.things())).toEqual(["a"]);
    project.calls();
    expect((await project.up()).value.failed).toEqual([]);
    expect(project.calls()).toEqual(["create b"]);
  });

  test("pressed twice ends the run at once, and the next up repeats the step", async () => {
    project.program(`thing("a", { slow: 8000 });`);
    const begin = Date.now();
    const outcome = await project.upWithSignal((pid) => {
      whenCalled(() => {
        process.kill(pid, "SIGINT");
        setTimeout(() => process.kill(pid, "SIGTERM"), 300);
      });
    });
    expect(outcome.exit).toBe(130);
    expect(Date.now() - begin).toBeLessThan(7000);
    expect(project.things()).toEqual({});
    project.program(`thing("a");`);
    expect((await project.up()).value.failed).toEqual([]);
    expect(Object.keys(project.things())).toEqual(["a"]);
  });

  function whenCalled(act: () => void): void {
    const timer = setInterval(() => {
      if (!project.exists("calls.log")) return;
      clearInterval(timer);
      act();
    }, 20);
  }
});

describe("the state file", () => {
  test("and its folder are accessible only to their owner", async () => {
    project.program(`thing("a");`);
    await project.up();
    expect(fs.statSync(project.stateFile).mode & 0o777).toBe(0o600);
    expect(fs.statSync(`${project.root}/.sark/state/embedded`).mode & 0o777).toBe(0o700);
    expect(fs.readdirSync(`${project.root}/.sark/state/embedded`)).toEqual(["test.json"]);
  });

  const adopts = "Then run `npm run up -- --stack test`: it adopts existing servers and data.";
  test.each([
    ["{", `is damaged (broken JSON). Delete it. ${adopts}`],
    ["", `is empty. Delete it. ${adopts}`],
    ["\0\0\0", `is damaged (broken JSON). Delete it. ${adopts}`],
    ["[]", `does not hold a state. Delete it. ${adopts}`],
    [
      '{"version":1,"project":"embedded","stack":"test","resources":[null]}',
      `does not hold a state. Delete it. ${adopts}`,
    ],
    [
      '{"version":2}',
      "has version 2, and this checkout reads version 1. Use the checkout that wrote it, " +
        `or delete the file. ${adopts}`,
    ],
    [
      '{"version":1,"project":"embedded","stack":"other","resources":[]}',
      'belongs to stack "other". Rename it back. ' +
        "If stack test has no state file then, its next `up` adopts existing servers and data.",
    ],
  ])("that contains %j is never overwritten, and the error has a remedy", async (text, problem) => {
    project.program(`thing("a");`);
    await project.up();
    fs.writeFileSync(project.stateFile, text);
    expect((await project.up()).error).toMatchObject({
      name: "UserError",
      message: `The state file ${project.stateFile} ${problem}`,
    });
    expect(fs.readFileSync(project.stateFile, "utf8")).toBe(text);
  });

  test("that is a folder is reported with a remedy", async () => {
    fs.mkdirSync(project.stateFile, { recursive: true });
    project.program(`thing("a");`);
    expect((await project.up()).error).toMatchObject({
      name: "UserError",
      message:
        `${project.stateFile} is a folder, but must be the state file of stack test. ` +
        `Move the folder away. ${adopts}`,
    });
  });

  test("is changed by one run at a time, and the lock of a dead run is taken over", async () => {
    project.program(`thing("a", { slow: 1500 });`);
    const both = await Promise.all([project.up(), project.up()]);
    const messages = both.map(({ error }) => error?.message ?? "worked");
    expect(messages).toContain("worked");
    expect(messages).toContainEqual(
      expect.stringMatching(/changed by another run \(process \d+\)/),
    );
    expect(project.calls()).toEqual(["create a"]);

    // Locks of a dead process, and of one whose id another process has now.
    for (const dead of ["999999 1", `${process.pid} 1`]) {
      fs.writeFileSync(project.stateFile.replace(".json", ".lock"), dead);
      expect((await project.up()).error).toBeUndefined();
    }
  });
});

describe("an up on a full disk", () => {
  // Outputs of a component and of the stack are separate writes.
  const program = `
    const group = new Group("g"); thing("a", { size: 2 }); thing("b", {}, { parent: group }); thing("c");
    group.registerOutputs({ word: "said" });
    module.exports = { word: "said" };
  `;

  test.each(Array.from({ length: 10 }, (_, index) => index + 1))(
    "fails at write %i, starts no further step, and is completed by the next up",
    async (nth) => {
      project.program(`thing("a", { size: 1 }); module.exports = { word: "before" };`);
      await project.up();
      project.program(program);
      const { value, error } = await project.up({ FULL_AT: String(nth) });
      expect(error).toBeUndefined();
      const reasons = [...new Set(value.failed.map(({ reason }) => reason))];
      expect(reasons).toEqual([
        `${project.stateFile} cannot be written: the disk is full. Free space there, then run the command again.`,
      ]);
      const { resources } = JSON.parse(fs.readFileSync(project.stateFile, "utf8")) as StateFile;
      expect(resources[0]?.outputs).toEqual({ word: nth < 10 ? "before" : "said" });
      // At most one more: the resource of the step whose end was not written.
      expect(Object.keys(project.things()).length).toBeLessThanOrEqual(resources.length);

      const next = await project.up();
      expect(next.error).toBeUndefined();
      expect(next.value).toMatchObject({ failed: [], outputs: { word: "said" } });
      expect(Object.keys(project.things())).toEqual(["a", "b", "c"]);
      expect((await project.up()).value.done).toEqual([]);
    },
  );
});
