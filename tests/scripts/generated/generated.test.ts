/** Every generated file is up to date. A stale file is reported with the command that regenerates it. */
import { join } from "node:path";
import { staleFiles } from "../../../scripts/generated/generate-command";
import { GENERATED } from "../../../scripts/generated/list";
import { declared } from "../../cli/support/run-line";

const ROOT = join(__dirname, "..", "..", "..");

jest.setTimeout(180_000);

for (const entry of GENERATED) {
  // Files that depend on the platform are checked only on that platform.
  const check = (entry.platform ?? process.platform) === process.platform ? test : test.skip;
  check(`npm run generate -- ${entry.name} does not change ${entry.files.join(", ")}`, async () => {
    expect(await staleFiles(ROOT, entry)).toEqual([]);
  });
}

test("the help of generate lists every name", () => {
  const generate = declared().commands.find((each) => each.name() === "generate");
  const names = generate?.registeredArguments[0]?.description.split(", ") ?? [];
  expect(names.sort()).toEqual(GENERATED.map(({ name }) => name).sort());
});
