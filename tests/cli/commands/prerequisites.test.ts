import * as path from "node:path";
import {
  ensurePgBouncer,
  ensureTestPrograms,
  type Machine,
} from "../../../cli/commands/prerequisites";
import { fakeProgram, scratchFolder } from "../support/fakes";

/** A fake machine that records the commands it would run. */
function machine(more: Partial<Machine> & { readonly present?: boolean } = {}) {
  const bin = scratchFolder();
  if (more.present === true) fakeProgram(path.join(bin, "pgbouncer"), "true");
  const commands: string[] = [];
  const said: string[] = [];
  const whole: Machine = {
    env: { PATH: bin },
    isRoot: false,
    hasApt: false,
    programFolders: [],
    keepServicesDown: (work) => work(),
    run: (command, args) => {
      commands.push([command, ...args].join(" "));
      fakeProgram(path.join(bin, args.at(-1) ?? ""), "true");
      return true;
    },
    ...more,
  };
  return {
    commands,
    said,
    ensure: () => {
      ensurePgBouncer(whole, (text) => said.push(text));
    },
    ensureForTests: () => {
      ensureTestPrograms(whole, (text) => said.push(text));
    },
  };
}

describe("ensurePgBouncer", () => {
  it("does nothing if PgBouncer is installed", () => {
    const { commands, said, ensure } = machine({ present: true, isRoot: true, hasApt: true });
    ensure();
    expect([...commands, ...said]).toEqual([]);
  });

  it("installs PgBouncer as root on Debian", () => {
    const { commands, ensure } = machine({ isRoot: true, hasApt: true });
    ensure();
    expect(commands[0]).toMatch(/^apt-get .*-y update$/);
    expect(commands[1]).toMatch(/^apt-get .*-y install --no-install-recommends pgbouncer$/);
  });

  it("tells other users how to install PgBouncer", () => {
    const { commands, said, ensure } = machine({ hasApt: true });
    ensure();
    expect(commands).toEqual([]);
    expect(said).toEqual([
      "PgBouncer is not installed, so the stack has no pool. To install it: apt-get install pgbouncer.",
    ]);
  });

  it("fails in CI if the installation fails, and prints a line elsewhere", () => {
    const run = () => false;
    const at = machine({ isRoot: true, hasApt: true, run });
    at.ensure();
    expect(at.said.at(-1)).toContain("the stack has no pool");
    const env = { PATH: scratchFolder(), CI: "true" };
    const { ensure } = machine({ isRoot: true, hasApt: true, run, env });
    expect(ensure).toThrow(/In CI this is a failure/);
  });
});

describe("ensureTestPrograms", () => {
  it("installs PgBouncer and HAProxy if they are missing", () => {
    const { commands, ensureForTests } = machine({ present: true, isRoot: true, hasApt: true });
    ensureForTests();
    expect(commands).toHaveLength(2);
    expect(commands[1]).toMatch(/install --no-install-recommends haproxy$/);
  });

  it("fails in CI if a program is missing", () => {
    const { ensureForTests } = machine({ present: true });
    expect(ensureForTests).not.toThrow();
    const bin = scratchFolder();
    fakeProgram(path.join(bin, "pgbouncer"), "true");
    const inCi = machine({ env: { PATH: bin, CI: "true" } });
    expect(inCi.ensureForTests).toThrow(
      /HAProxy is not installed, so the route .* In CI this is a failure/,
    );
  });
});
