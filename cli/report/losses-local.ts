import { z } from "zod";
import { shortened } from "../../components/text/printable";
import type { PlannedResource } from "../../engine/engine";
import { clustersWithoutBaseBackups } from "./losses-kubernetes";

const SERVER = "pulumi-nodejs:dynamic/local:PostgresServer";

/** The inputs of a local server with backups. */
const BACKED_UP = z.object({
  database: z.string(),
  backups: z.object({
    store: z.union([z.object({ folder: z.string() }), z.object({ bucket: z.string() })]),
  }),
});

/** The backups of servers on this machine, which outlive them, one line each. */
export function keptBackups(resources: readonly PlannedResource[]): readonly string[] {
  return resources
    .filter(({ type }) => type === SERVER)
    .flatMap(({ inputs }) => BACKED_UP.safeParse(inputs).data ?? [])
    .map(({ database, backups: { store } }) => {
      const place = "folder" in store ? store.folder : store.bucket;
      return (
        `the backups of ${database} in ${shortened(place)}. They are encrypted: note the passphrase ` +
        "(repo1-cipher-pass in .sark/local/sark/pgbackrest.conf), which is deleted"
      );
    });
}

/** What a destroy keeps besides the retained databases, one line each. */
export function keptWithBackups(resources: readonly PlannedResource[]): readonly string[] {
  return [...clustersWithoutBaseBackups(resources), ...keptBackups(resources)];
}
