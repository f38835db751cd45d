import { isList, type Wire, type WireObject } from "../../../wire";
import {
  PlainProvider,
  type CheckFailure,
  type Existing,
  type Judgement,
  type Surroundings,
} from "../provider";
import type { Connections } from "./connections";
import { DATABASE } from "./database-handler";
import { DEFAULT_PRIVILEGES } from "./default-privileges";
import { EXTENSION } from "./extension";
import { FUNCTION } from "./function";
import { GRANT } from "./grant";
import { GRANT_ROLE } from "./grant-role";
import type { Handler } from "./handler";
import { ROLE } from "./role";
import { SCHEMA } from "./schema-handler";
import type { Session } from "./provider-session";
import { list } from "./sql";

export const POSTGRESQL_TYPES: Readonly<Record<string, Handler>> = {
  "postgresql:index/database:Database": DATABASE,
  "postgresql:index/defaultPrivileges:DefaultPrivileges": DEFAULT_PRIVILEGES,
  "postgresql:index/extension:Extension": EXTENSION,
  "postgresql:index/function:Function": FUNCTION,
  "postgresql:index/grant:Grant": GRANT,
  "postgresql:index/grantRole:GrantRole": GRANT_ROLE,
  "postgresql:index/role:Role": ROLE,
  "postgresql:index/schema:Schema": SCHEMA,
};

/** Carries out `postgresql` resources by SQL. */
export class PostgresqlProvider extends PlainProvider {
  constructor(
    private readonly handler: Handler,
    private readonly connections: Connections,
  ) {
    super();
  }

  protected override problems(news: WireObject): readonly CheckFailure[] {
    const missing = this.handler.required
      .filter((key) => news[key] === undefined || news[key] === null || news[key] === "")
      .map((key) => ({ property: key, reason: `${key} must be given` }));
    return [...missing, ...(this.handler.problems?.(news) ?? [])];
  }

  override normalise(inputs: WireObject): WireObject {
    const filled: WireObject = { ...this.handler.defaults, ...inputs };
    const sorted = this.handler.sets
      .filter((key) => isTexts(filled[key]))
      .map((key) => [key, [...list(filled, key)].sort()] as const);
    return { ...filled, ...Object.fromEntries(sorted) };
  }

  override diff(_old: Existing, _news: WireObject, changedKeys: readonly string[]) {
    const judgement: Judgement = {
      changes: changedKeys.length > 0,
      replaces: changedKeys.filter((key) => this.handler.replaceOn.includes(key)),
      // The old and the new one are commonly the same entry of the catalogue: deleted last, it would be lost.
      deleteBeforeReplace: true,
    };
    return Promise.resolve(judgement);
  }

  async create(news: WireObject, around: Surroundings) {
    const inputs = this.normalise(news);
    return this.#use(inputs, around, async (session) => {
      await this.handler.create(session, inputs);
      return this.#describe(session, inputs);
    });
  }

  async update(old: Existing, news: WireObject, around: Surroundings) {
    const inputs = this.normalise(news);
    return this.#use(inputs, around, async (session) => {
      await this.handler.update(session, this.normalise(old.inputs), inputs);
      return this.#describe(session, inputs);
    });
  }

  async delete(old: Existing, around: Surroundings): Promise<void> {
    const inputs = this.normalise(old.inputs);
    try {
      await this.#use(inputs, around, (session) => this.handler.delete(session, inputs));
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  async #describe(session: Session, inputs: WireObject) {
    return {
      id: this.handler.id(inputs, session.database),
      outputs: { ...inputs, ...(await this.handler.read?.(session, inputs)) },
    };
  }

  #use<T>(
    inputs: WireObject,
    { urn, providerInputs }: Surroundings,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    if (providerInputs === undefined) {
      throw new Error(
        `${urn} names no provider; the embedded engine needs \`provider: new postgresql.Provider(...)\``,
      );
    }
    return this.connections.use(providerInputs, this.handler.database(inputs), work);
  }
}

function isTexts(value: Wire | undefined): boolean {
  return isList(value) && value.every((item) => typeof item === "string");
}

/** SQLSTATEs of things that do not exist: database, schema, table, function or role. */
const GONE = ["3D000", "3F000", "42P01", "42883", "42704"];

function isGone(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string" && GONE.includes(error.code)) return true;
  return error.cause !== undefined && isGone(error.cause);
}
