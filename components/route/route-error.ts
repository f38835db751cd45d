import { printable } from "../text/printable";

/** A database that cannot be reached, with a message for the user. */
export class RouteError extends Error {
  override readonly name = "RouteError";

  constructor(
    message: string,
    /** Whether a retry may succeed within seconds, as during the election of a primary. */
    readonly transient: boolean,
    options?: ErrorOptions,
  ) {
    super(printable(message), options);
  }
}
