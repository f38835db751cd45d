import { DynamicResourceProvider } from "./dynamic";
import { PostgresqlProvider, POSTGRESQL_TYPES } from "./postgresql/handlers-by-type";
import { Connections } from "./postgresql/connections";
import type { ResourceProvider } from "./provider";
import { RANDOM_TYPES, RandomProvider } from "./random-provider";
import { StateOnlyProvider } from "./state-only";

/** The providers of one run, with what they hold open. */
export class Providers {
  readonly #stateOnly = new StateOnlyProvider();
  readonly #dynamic: DynamicResourceProvider;
  readonly #connections = new Connections();

  constructor(config: {
    readonly project: string;
    readonly values: Readonly<Record<string, string>>;
  }) {
    this.#dynamic = new DynamicResourceProvider(config);
  }

  /** @returns undefined for a type that this engine can plan but not apply */
  find(type: string, custom: boolean): ResourceProvider | undefined {
    if (!custom || type.startsWith("pulumi:providers:")) return this.#stateOnly;
    if (type.startsWith("pulumi-nodejs:dynamic")) return this.#dynamic;
    const random = RANDOM_TYPES[type];
    if (random !== undefined) return new RandomProvider(random);
    const handler = POSTGRESQL_TYPES[type];
    return handler && new PostgresqlProvider(handler, this.#connections);
  }

  close(): Promise<void> {
    return this.#connections.close();
  }
}
