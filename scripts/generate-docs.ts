/** Writes docs/settings.md from the settings' schema: `npm run docs`. A test compares the page with what this makes. */
import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot } from "../components/project-root";
import { settingsPage } from "./settings-page";

fs.writeFileSync(path.join(projectRoot(), "docs", "settings.md"), settingsPage());
