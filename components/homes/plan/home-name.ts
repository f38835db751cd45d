import type { Settings } from "../../settings/plan/settings-schema";

/** As a database's setting `home` has it. */
export type HomeName = Settings["sark"]["home"];
