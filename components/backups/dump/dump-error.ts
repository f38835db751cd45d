/** A dump that cannot be made, read or restored. Commands print errors of this name without a stack trace. */
export class DumpError extends Error {
  override readonly name = "UserError";
}
