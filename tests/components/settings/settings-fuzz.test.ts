/**
 * Loads random settings files as a command does. Each gives a plan, or an error that names the key and the reason. The
 * seed is in the title; `SARK_FUZZ_SEED=<seed>` repeats the same files, and `SARK_FUZZ_FILES=<number>` sets how many.
 */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { loadSettings } from "../../../components/settings/settings";
import { readConfig } from "../../../engine/embedded/config";
import { SETTINGS_FILE } from "../../support/settings-files";

jest.setTimeout(120_000);

const FILES = Number(process.env["SARK_FUZZ_FILES"] ?? 2_000);
const SEED = Number(process.env["SARK_FUZZ_SEED"] ?? 1);

/** Key of a setting, or a computed figure of one database. */
const KEY = "(?:sark-databases?:|the name of the stack|(?:sark|sark_audit)[.:] ?[a-z_])";
const REFUSAL = new RegExp(`^${KEY}[^]*: got [^]*; allowed: [^]+; [^]+`);
/** An unreadable file is named, with the setting at fault if there is one. */
const FILE_REFUSAL =
  /^(?:Pulumi\.local\.yaml[: ]|[^]*:[^]* (?:in|stands twice in) Pulumi\.local\.yaml|`config` in Pulumi)/;

let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "sark-fuzz-"));
  fs.copyFileSync(
    path.resolve(__dirname, "../../../Pulumi.yaml"),
    path.join(folder, "Pulumi.yaml"),
  );
});
afterAll(() => {
  pulumi.runtime.setAllConfig({});
  fs.rmSync(folder, { recursive: true });
});

/** Empty for a plan or a well-formed error, otherwise the output. */
function outcome(file: string, seen: { plans: number; refusals: number }): string {
  fs.writeFileSync(path.join(folder, "Pulumi.local.yaml"), file);
  try {
    pulumi.runtime.setAllConfig({ ...readConfig({ root: folder, stack: "local" }).values });
    const { servers } = loadSettings();
    seen.plans += 1;
    return Object.keys(servers).length === 2 ? "" : "a plan without servers";
  } catch (error) {
    if (!(error instanceof Error)) return String(error);
    seen.refusals += 1;
    if (error.name === "UserError") return FILE_REFUSAL.test(error.message) ? "" : error.message;
    if (error.name !== "SettingsError") return error.stack ?? error.message;
    const [head = "", ...problems] = error.message.split(/\n(?! )/);
    const sentence = /^the settings of stack \S+ are invalid; nothing was changed:$/.test(head);
    const wrong = problems.filter(
      (problem) => !REFUSAL.test(problem) || /undefined|\[object|NaN/.test(problem),
    );
    return sentence && problems.length > 0 ? wrong.join("\n") : error.message;
  }
}

it(`settings loader gives a plan or an error with key and reason, for ${String(FILES)} random files of seed ${String(SEED)}`, () => {
  const seen = { plans: 0, refusals: 0 };
  fc.assert(
    fc.property(SETTINGS_FILE, (file) => {
      expect(outcome(file, seen)).toBe("");
    }),
    { numRuns: FILES, seed: SEED },
  );
  // Rejecting all files, or planning all, would prove nothing.
  expect(Math.min(seen.plans, seen.refusals)).toBeGreaterThan(FILES / 50);
});
