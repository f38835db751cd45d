import * as path from "node:path";
import {
  ensurePgBouncer,
  ensureTestPrograms,
  type Machine,
} from "../../../cli/commands/prerequisites";
import { fakeProgram, scratchFolder } from "../support/fakes";

/** What would be run, without root's rights or a change to this machine. */
function machine(more: Partial<Machine> & { readonly present?: boolean } = {}) {
  const bin = scratchFolder();
  if (more.present === true) fakeProgram(path.join(bin, "pgbouncer"), "true");
  const commands: string[] = [];
  const said: string[] = [];
  const whole: Machine = {
    env: { PATH: bin },
    isRoot: false,
    hasApt: false,
    places: [],
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

describe("PgBouncer", () => {
  it("that is there is left alone", () => {
    const { commands, said, ensure } = machine({ present: true, isRoot: true, hasApt: true });
    ensure();
    expect([...commands, ...said]).toEqual([]);
  });

  it("is installed by root on Debian", () => {
    const { commands, ensure } = machine({ isRoot: true, hasApt: true });
    ensure();
    expect(commands[0]).toMatch(/^apt-get .*-y update$/);
    expect(commands[1]).toMatch(/^apt-get .*-y install --no-install-recommends pgbouncer$/);
  });

  it("is never installed by anybody else, who is told how to get it", () => {
    const { commands, said, ensure } = machine({ hasApt: true });
    ensure();
    expect(commands).toEqual([]);
    expect(said).toEqual([
      "PgBouncer is not on this machine, so there is no pool. To get it: apt-get install pgbouncer.",
    ]);
  });

  it("that cannot be installed is a failure in CI, and a line elsewhere", () => {
    const run = () => false;
    const at = machine({ isRoot: true, hasApt: true, run });
    at.ensure();
    expect(at.said.at(-1)).toContain("there is no pool");
    const env = { PATH: scratchFolder(), CI: "true" };
    const { ensure } = machine({ isRoot: true, hasApt: true, run, env });
    expect(ensure).toThrow(/In CI that is a failure/);
  });
});

describe("what the tests run", () => {
  it("is PgBouncer and HAProxy, installed each if it is not there", () => {
    const { commands, ensureForTests } = machine({ present: true, isRoot: true, hasApt: true });
    ensureForTests();
    expect(commands).toHaveLength(2);
    expect(commands[1]).toMatch(/install --no-install-recommends haproxy$/);
  });

  it("is a failure in CI where it is missing", () => {
    const { ensureForTests } = machine({ present: true });
    expect(ensureForTests).not.toThrow();
    const bin = scratchFolder();
    fakeProgram(path.join(bin, "pgbouncer"), "true");
    const inCi = machine({ env: { PATH: bin, CI: "true" } });
    expect(inCi.ensureForTests).toThrow(
      /HAProxy is not on this machine, so the way .* In CI that is a failure/,
    );
  });
});
