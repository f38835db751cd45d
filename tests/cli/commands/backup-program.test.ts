import * as fs from "node:fs";
import * as path from "node:path";
import { ensurePgBackRest, ensurePgBackRestForTests } from "../../../cli/commands/backup-program";
import type { Machine } from "../../../cli/commands/prerequisites";
import { BACKUP_TOOLS } from "../../../components/backups/backup-tools";
import { fakeProgram, scratchFolder } from "../support/fakes";

const PATH = process.env["PATH"];

afterEach(() => {
  process.env["PATH"] = PATH;
});

/** A machine without pgBackRest, whose apt unpacks one with this version. */
function machine(version: string, more: Partial<Machine> = {}) {
  const root = scratchFolder();
  fs.writeFileSync(path.join(root, "Pulumi.yaml"), "");
  process.env["SARK_ROOT"] = root;
  process.env["PATH"] = ["/usr/bin", "/bin"].join(path.delimiter);
  const whole: Machine = {
    env: {},
    isRoot: false,
    hasApt: true,
    programFolders: [],
    keepServicesDown: (work) => work(),
    run: (_command, args) => {
      if (!args.includes("download")) return true;
      const unpacked = path.join(root, BACKUP_TOOLS, "usr");
      fs.mkdirSync(path.join(unpacked, "bin"), { recursive: true });
      fs.mkdirSync(path.join(unpacked, "lib", "any"), { recursive: true });
      fs.writeFileSync(path.join(unpacked, "bin", "pgbackrest"), "");
      fakeProgram(
        path.join(unpacked, "lib", "any", "ld-linux-any.so.2"),
        `case "$*" in
           *pgbackrest*) echo "pgBackRest ${version}";;
           *) echo "a program (PostgreSQL) 18.6";;
         esac`,
      );
      return true;
    },
    ...more,
  };
  return { root, whole };
}

const silent = (): void => undefined;

describe("ensurePgBackRest", () => {
  it("unpacks it on Debian, with a wrapper that uses its own libraries", () => {
    const { root, whole } = machine("2.60.0");
    ensurePgBackRest(root, whole, silent);
    expect(fs.existsSync(path.join(root, BACKUP_TOOLS, "pgbackrest"))).toBe(true);
  });

  it.each([
    ["too old a version", machine("2.59.0")],
    ["a failed download", machine("2.60.0", { run: () => false })],
    ["no Debian", machine("2.60.0", { hasApt: false })],
  ])("refuses to go on with %s", (_what, { root, whole }) => {
    process.env["SARK_ROOT"] = root;
    process.env["PATH"] = "/usr/bin:/bin";
    expect(() => {
      ensurePgBackRest(root, whole, silent);
    }).toThrow(/pgBackRest 2\.60 or later is not installed.*Nothing was changed/);
  });

  it("fails the tests in CI only", () => {
    const { root, whole } = machine("2.60.0", { hasApt: false });
    const said: string[] = [];
    ensurePgBackRestForTests(root, whole, (text) => said.push(text));
    expect(said).toEqual([expect.stringMatching(/its tests are skipped\.$/)]);
    const inCi = { ...whole, env: { CI: "true" } };
    expect(() => {
      ensurePgBackRestForTests(root, inCi, silent);
    }).toThrow(/In CI this is a failure/);
  });
});
