import { isList, type WireObject } from "../../../wire";
import {
  checkSupportedInputs,
  type ExistingResource,
  type DiffResult,
  type ResourceProvider,
  type StepContext,
} from "../provider";
import type { Connections } from "./connections";
import { EXTENSION } from "./extension";
import { list, type PostgresqlHandler } from "./handler";
import { DEFAULT_PRIVILEGES, GRANT } from "./privilege-handlers";
import type { DatabaseSession } from "./provider-session";
import { ROLE } from "./role";

export const POSTGRESQL_TYPES: Readonly<Record<string, PostgresqlHandler>> = {
  "postgresql:index/defaultPrivileges:DefaultPrivileges": DEFAULT_PRIVILEGES,
  "postgresql:index/extension:Extension": EXTENSION,
  "postgresql:index/grant:Grant": GRANT,
  "postgresql:index/role:Role": ROLE,
};

/** Creates, updates and deletes `postgresql` resources with SQL. */
export class PostgresqlProvider implements ResourceProvider {
  constructor(
    private readonly handler: PostgresqlHandler,
    private readonly connections: Connections,
  ) {}

  check(olds: WireObject | undefined, news: WireObject) {
    return checkSupportedInputs(this.handler.reads, this.handler.defaults)(olds, news);
  }

  normalise(inputs: WireObject): WireObject {
    const filled: WireObject = { ...this.handler.defaults, ...inputs };
    const { set } = this.handler;
    return set !== undefined && isList(filled[set])
      ? { ...filled, [set]: [...list(filled, set)].sort() }
      : filled;
  }

  diff(_old: ExistingResource, _news: WireObject, changedKeys: readonly string[]): DiffResult {
    return {
      changes: changedKeys.length > 0,
      replaces: changedKeys.filter((key) => this.handler.replaceOn.includes(key)),
      // Old and new resource are often the same catalogue entry, so a later deletion would delete the new one.
      deleteBeforeReplace: true,
    };
  }

  previewUpdate(old: ExistingResource, news: WireObject): WireObject {
    return { ...old.outputs, ...news };
  }

  create(news: WireObject, around: StepContext) {
    const inputs = this.normalise(news);
    return this.#make(inputs, around, (session) => this.handler.create(session, inputs));
  }

  async update(old: ExistingResource, news: WireObject, around: StepContext) {
    const inputs = this.normalise(news);
    const made = await this.#make(inputs, around, (session) =>
      this.handler.update(session, this.normalise(old.inputs), inputs),
    );
    return made.outputs;
  }

  async delete(old: ExistingResource, around: StepContext): Promise<void> {
    const inputs = this.normalise(old.inputs);
    try {
      await this.#use(inputs, around, (session) => this.handler.delete(session, inputs));
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  #make(
    inputs: WireObject,
    around: StepContext,
    work: (session: DatabaseSession) => Promise<void>,
  ) {
    return this.#use(inputs, around, async (session) => {
      await work(session);
      return {
        id: this.handler.id(inputs, session.database),
        outputs: { ...inputs, ...(await this.handler.read?.(session, inputs)) },
      };
    });
  }

  #use<T>(
    inputs: WireObject,
    { urn, providerInputs }: StepContext,
    work: (session: DatabaseSession) => Promise<T>,
  ): Promise<T> {
    if (providerInputs === undefined) throw new Error(`${urn} names no provider`);
    return this.connections.use(providerInputs, this.handler.database(inputs), work);
  }
}

/** SQLSTATEs of things that do not exist: database, schema, table, function or role. */
const GONE = ["3D000", "3F000", "42P01", "42883", "42704"];

function isGone(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string" && GONE.includes(error.code)) return true;
  return error.cause !== undefined && isGone(error.cause);
}
