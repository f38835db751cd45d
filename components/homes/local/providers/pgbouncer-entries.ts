/** The inputs of the pool, and its entries as PgBouncer takes them. */
import { z } from "zod";
import type { PgBouncerConfig } from "../../../pool/plan/pgbouncer-ini";
import { serverFolder } from "../processes/paths";
import { socketFolder } from "../processes/postgres-config";
import { directory, ofServer, secret } from "./inputs";

/** Keys of PgBouncer's with their values. */
const values = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

export const schema = z.object({
  ...ofServer,
  /** Open files to start with; raised to what its clients and servers need. @default 4096 */
  openFiles: z.int().min(256).default(4096),
  /** Entries by the name that clients connect to; `socket` names the folder of a server of this machine. */
  databases: z.record(
    z.string(),
    z.intersection(z.object({ socket: directory.optional() }), values),
  ),
  /** Settings of the `[pgbouncer]` section; `stats_users` names the login that verifies. */
  pgbouncer: values,
  userlist: z.array(z.object({ name: z.string(), secret })),
  /** The application's logins, by which each entry is tried. */
  clients: z
    .array(z.object({ database: z.string(), user: z.string(), password: secret }))
    .default([]),
});

export type PgBouncerInputs = z.infer<typeof schema>;

/** The folder of a server's Unix socket; undefined where its path is too long for one. */
export const socketIn = (name: string): string | undefined => socketFolder(serverFolder(name));

/**
 * Entries as PgBouncer takes them. It hands its password to whatever asks for it on a port, and no other user can
 * listen in a server's folder; where the folder's path is too long for a socket, the port it is.
 */
export function entriesOf(
  databases: PgBouncerInputs["databases"],
  folderOf: (socket: string) => string | undefined,
): PgBouncerConfig["databases"] {
  return Object.fromEntries(
    Object.entries(databases).map(([name, { socket, ...entry }]) => {
      const host = socket === undefined ? undefined : folderOf(socket);
      return [name, host === undefined ? entry : { ...entry, host }];
    }),
  );
}
