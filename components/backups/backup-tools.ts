import { join } from "node:path";

/** Folder below the project into which `npm run up` unpacks pgBackRest, pg_dump and pg_restore, with their libraries. */
export const BACKUP_TOOLS = join(".sark", "tools", "backups");
