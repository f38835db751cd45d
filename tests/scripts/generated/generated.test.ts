/** Every generated file is what the code and the servers make. What is stale is named with the command that mends it. */
import { join } from "node:path";
import { staleFiles } from "../../../scripts/generated/generate-command";
import { GENERATED } from "../../../scripts/generated/list";
import { declared } from "../../cli/support/run-line";

const ROOT = join(__dirname, "..", "..", "..");

jest.setTimeout(180_000);

for (const entry of GENERATED) {
  // Files that another platform makes differently can be checked there alone.
  const check = (entry.platform ?? process.platform) === process.platform ? test : test.skip;
  check(
    `npm run generate -- ${entry.name} leaves ${entry.files.join(", ")} as before`,
    async () => {
      expect(await staleFiles(ROOT, entry)).toEqual([]);
    },
  );
}

test("the help of generate has every name", () => {
  const generate = declared().commands.find((each) => each.name() === "generate");
  const names = generate?.registeredArguments[0]?.description.split(", ") ?? [];
  expect(names.sort()).toEqual(GENERATED.map(({ name }) => name).sort());
});
