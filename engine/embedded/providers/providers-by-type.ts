import { DynamicResourceProvider } from "./dynamic";
import { PostgresqlProvider, POSTGRESQL_TYPES } from "./postgresql/handlers-by-type";
import { Connections } from "./postgresql/connections";
import type { ResourceProvider } from "./provider";
import { RANDOM_TYPES } from "./random-provider";
import { STATE_ONLY } from "./state-only";

/** The providers of one run. */
export class Providers {
  readonly #dynamic = new DynamicResourceProvider();
  readonly #connections = new Connections();

  /** @returns undefined for a type that this engine can plan but not apply */
  find(type: string, custom: boolean): ResourceProvider | undefined {
    if (!custom || type.startsWith("pulumi:providers:")) return STATE_ONLY;
    if (type.startsWith("pulumi-nodejs:dynamic")) return this.#dynamic;
    const handler = POSTGRESQL_TYPES[type];
    return handler ? new PostgresqlProvider(handler, this.#connections) : RANDOM_TYPES[type];
  }
}
