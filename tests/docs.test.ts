import * as fs from "node:fs";
import * as path from "node:path";
import { settingsPage } from "../scripts/settings-page";

it("docs/settings.md is what `npm run docs` makes of the settings", () => {
  const page = fs.readFileSync(path.join(__dirname, "..", "docs", "settings.md"), "utf8");
  expect(page).toBe(settingsPage());
});
