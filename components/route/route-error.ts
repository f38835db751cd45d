import { printable } from "../text/printable";

/** Why a database cannot be reached, in sentences for whoever runs the program. */
export class RouteError extends Error {
  override readonly name = "RouteError";

  constructor(
    message: string,
    /** Whether it may pass by itself within seconds, as while a new primary is elected. */
    readonly passing: boolean,
    options?: ErrorOptions,
  ) {
    super(printable(message), options);
  }
}
