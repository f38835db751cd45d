import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MIGRATION_ERROR_CODES } from "../../../../components/migrations/plan/errors";

const PAGE = readFileSync(join(__dirname, "../../../../docs/migrations.md"), "utf8");

it("docs/migrations.md documents every migration error code and no other", () => {
  const [, refused = ""] = PAGE.split("## What is refused");
  const rows = (refused.split("\n## ")[0] ?? "")
    .split("\n")
    .map((line) => /^\| `([a-z-]+)` +\| (\S.*?) +\| (\S.*?) +\|$/.exec(line)?.[1])
    .filter((code) => code !== undefined);
  expect(rows.sort()).toEqual([...MIGRATION_ERROR_CODES].sort());
});
