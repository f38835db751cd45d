import * as fs from "node:fs";
import * as path from "node:path";
import { ensureMonitoringPrograms } from "../../../cli/commands/monitoring-programs";
import type { Machine } from "../../../cli/commands/prerequisites";
import { TOOLS } from "../../../components/homes/local/monitoring/find-programs";
import { fakeProgram, scratchFolder } from "../support/fakes";

/** Programs that say which they are, as their packages install them. */
const VERSIONS = {
  prometheus: "prometheus, version 2.53.3+ds1 (branch: debian/sid)",
  "prometheus-pgbouncer-exporter": "pgbouncer_exporter, version 0.10.2 (branch: debian/sid)",
};

const PATH = process.env["PATH"];

afterEach(() => {
  process.env["PATH"] = PATH;
});

/** A fake machine without the programs, on which apt can install them. */
function machine(more: Partial<Machine> & { readonly versions?: Record<string, string> } = {}) {
  const root = scratchFolder();
  fs.writeFileSync(path.join(root, "Pulumi.yaml"), "");
  process.env["SARK_ROOT"] = root;
  process.env["PATH"] = path.join(root, "bin");
  const install = (folder: string): void => {
    for (const [name, version] of Object.entries(more.versions ?? VERSIONS)) {
      fs.mkdirSync(folder, { recursive: true });
      fakeProgram(path.join(folder, name), `echo "${version}"`);
    }
  };
  const commands: string[] = [];
  const said: string[] = [];
  const whole: Machine = {
    env: {},
    isRoot: false,
    hasApt: false,
    programFolders: [],
    keepServicesDown: (work) => work(),
    run: (_command, args) => {
      commands.push(args.slice(4).join(" "));
      if (args.includes("download")) install(path.join(root, TOOLS, "usr", "bin"));
      return true;
    },
    ...more,
  };
  return {
    root,
    commands,
    said,
    install,
    ensure: () => {
      ensureMonitoringPrograms(root, whole, (text) => said.push(text));
    },
  };
}

describe("ensureMonitoringPrograms", () => {
  it("does nothing if the machine has both programs", () => {
    const { root, install, ensure, commands, said } = machine({ hasApt: true });
    install(path.join(root, "bin"));
    ensure();
    expect([...commands, ...said]).toEqual([]);
  });

  it("downloads them on Debian, as any user, and leaves no packages behind", () => {
    const { root, ensure, commands, said } = machine({ hasApt: true });
    ensure();
    expect(commands.map((command) => command.split(" -q ").at(-1))).toEqual([
      "update",
      "download prometheus promtool prometheus-pgbouncer-exporter",
    ]);
    expect(said).toHaveLength(1);
    expect(fs.readdirSync(path.join(root, TOOLS))).toEqual(["usr"]);
  });

  it("does not repeat a failed download within an hour, and says so in one line", () => {
    const { root, ensure, said } = machine({ hasApt: true, run: () => false });
    ensure();
    ensure();
    expect(said).toHaveLength(3);
    expect(said[2]).toMatch(/^Prometheus or .* The last download failed less than an hour ago/);
    const hoursAgo = new Date(Date.now() - 2 * 3_600_000);
    fs.utimesSync(path.join(root, TOOLS, "failed"), hoursAgo, hoursAgo);
    ensure();
    expect(said[3]).toMatch(/^Downloading /);
  });

  it("does not take another program of the same name", () => {
    const { ensure, said } = machine({
      hasApt: true,
      versions: {
        ...VERSIONS,
        "prometheus-pgbouncer-exporter": "prometheus-pgbouncer-exporter 1.7",
      },
    });
    ensure();
    expect(said.at(-1)).toMatch(
      /^Prometheus or prometheus-community's pgbouncer_exporter is not installed/,
    );
  });

  it("says what is missing elsewhere, and fails in CI", () => {
    const { ensure, said, commands } = machine();
    ensure();
    expect([commands, said]).toEqual([
      [],
      [
        "Prometheus or prometheus-community's pgbouncer_exporter is not installed, so nothing is monitored. " +
          "Install both, and run `npm run up` again.",
      ],
    ]);
    expect(machine({ env: { CI: "true" } }).ensure).toThrow(/In CI this is a failure\.$/);
  });
});
