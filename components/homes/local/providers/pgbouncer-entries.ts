/** Inputs of the pool, and their conversion to PgBouncer's entries. */
import { z } from "zod";
import type { PgBouncerConfig } from "../../../pool/plan/pgbouncer-ini";
import { serverFolder } from "../processes/paths";
import { socketFolder } from "../processes/postgres-config";
import { directory, serverInputs, secret } from "./inputs";

/** PgBouncer settings by key. */
const values = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

export const schema = z.object({
  ...serverInputs,
  /** Limit of open files at start; raised to what clients and servers need. @default 4096 */
  openFiles: z.int().min(256).default(4096),
  /** Entries by the database name that clients connect to; `socket` names the folder of a local server. */
  databases: z.record(
    z.string(),
    z.intersection(z.object({ socket: directory.optional() }), values),
  ),
  /** Settings of the `[pgbouncer]` section; `stats_users` names the login that checks the configuration. */
  pgbouncer: values,
  userlist: z.array(z.object({ name: z.string(), secret })),
  /** The application's logins, used to test each entry. */
  clients: z
    .array(z.object({ database: z.string(), user: z.string(), password: secret }))
    .default([]),
});

export type PgBouncerInputs = z.infer<typeof schema>;

/** Folder of a server's Unix socket; undefined if its path is too long for a socket. */
export const serverSocketFolder = (name: string): string | undefined =>
  socketFolder(serverFolder(name));

/**
 * Converts entries to PgBouncer's form. Local servers are reached by Unix socket: PgBouncer sends its password to any
 * process that listens on a port, but no other user can listen in a server's folder. Where the folder's path is too
 * long for a socket, the entry keeps the port.
 */
export function toPgbouncerEntries(
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
