/** Inputs shared by several kinds of local servers. */
import { z } from "zod";
import { DIRECTORY } from "../processes/paths";

export const port = z.int().min(1024).max(65_535);
export const directory = z.string().regex(DIRECTORY);
/** Roles and databases of the local home: names that need no quoting. */
export const identifier = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/);
export const secret = z.string().min(1);

/** Inputs of every kind of server. */
export const serverInputs = {
  /** Folder below `.sark/local`. A change replaces the server, with its data. */
  directory,
  /** Port on 127.0.0.1. A change restarts the server. */
  port,
  /** Number of starts; a check that finds the server dead raises it. */
  starts: z.int().min(1),
};

/** Logins of a PostgreSQL server; a replica has its primary's. */
export const loginInputs = {
  adminUser: identifier,
  adminPassword: secret,
  replicationUser: identifier,
  replicationPassword: secret,
};

/** Configuration of a PostgreSQL server; a replica has its primary's. */
export const configurationInputs = {
  /** Libraries of shared_preload_libraries. A change restarts the server. */
  preload: z.array(z.string()),
  /** A replica cannot follow with lower values of some of them than its primary's. */
  parameters: z.object({
    restart: z.record(z.string(), z.string()),
    reload: z.record(z.string(), z.string()),
  }),
};
