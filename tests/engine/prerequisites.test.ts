import * as path from "node:path";
import { ensurePgBouncer, type Machine } from "../../engine/prerequisites";
import { fakeProgram, scratchFolder } from "./support/fakes";

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
      fakeProgram(path.join(bin, "pgbouncer"), "true");
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
