/** Shapes of the inputs that several local servers have. */
import { z } from "zod";
import { DIRECTORY } from "../processes/paths";

export const port = z.int().min(1024).max(65_535);
export const directory = z.string().regex(DIRECTORY);
/** Roles and databases of the local home: names that need no quoting. */
export const identifier = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/);
export const secret = z.string().min(1);
/** Times that the server was started: counted up by a check that finds it dead. */
export const starts = z.int().min(1);
export const parameters = z.object({
  restart: z.record(z.string(), z.string()),
  reload: z.record(z.string(), z.string()),
});
