import { randomUUID } from "node:crypto";
import { DynamicResourceProvider } from "./dynamic";
import { PostgresqlProvider, POSTGRESQL_TYPES } from "./postgresql/handlers-by-type";
import { Connections } from "./postgresql/connections";
import type { ResourceProvider } from "./provider";
import { RANDOM_TYPES } from "./random-provider";

/** Components and provider resources: nothing exists outside the state. */
const STATE_ONLY: ResourceProvider = {
  create: (news) => Promise.resolve({ id: randomUUID(), outputs: news }),
  update: (_old, news) => Promise.resolve(news),
  delete: () => Promise.resolve(),
};

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
