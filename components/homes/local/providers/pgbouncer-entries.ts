import { z } from "zod";
import type { PgBouncerConfig } from "../../../pool/plan/pgbouncer-ini";
import { serverFolder } from "../processes/paths";
import { socketFolder } from "../processes/postgres-config";
import { directory } from "./inputs";

/** Keys of PgBouncer's with their values. */
export const values = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** An entry of the pool; `socket` names the folder of a server of this machine. */
export const poolEntry = z.intersection(z.object({ socket: directory.optional() }), values);

/** Entries of the pool, by the name that clients connect to. */
export type PoolEntries = Readonly<Record<string, z.infer<typeof poolEntry>>>;

/** The folder of a server's Unix socket; undefined where its path is too long for one. */
export const socketIn = (name: string): string | undefined => socketFolder(serverFolder(name));

/**
 * Entries as PgBouncer takes them. It hands its password to whatever asks for it on a port, and no other user can
 * listen in a server's folder; where the folder's path is too long for a socket, the port it is.
 */
export function entriesOf(
  databases: PoolEntries,
  folderOf: (socket: string) => string | undefined,
): PgBouncerConfig["databases"] {
  return Object.fromEntries(
    Object.entries(databases).map(([name, { socket, ...entry }]) => {
      const host = socket === undefined ? undefined : folderOf(socket);
      return [name, host === undefined ? entry : { ...entry, host }];
    }),
  );
}
