import { isList, type WireObject } from "../../../wire";
import type { DatabaseSession } from "./provider-session";

/**
 * One resource type of the `postgresql` package, with the inputs that the program uses. The SQL is that of the
 * Terraform provider that the Pulumi package bridges (cyrilgdn/postgresql 1.27), so that both engines leave the same
 * catalogue. There are two exceptions, so that a killed run can be repeated: `create` adopts an existing object, and
 * `delete` succeeds if the object is gone.
 */
export interface PostgresqlHandler {
  /** The supported inputs. */
  readonly reads: readonly string[];
  readonly defaults: WireObject;
  /** The input that is an unordered list. */
  readonly set?: string;
  /** Keys whose change needs a new resource. */
  readonly replaceOn: readonly string[];
  /** The database to connect to; the provider's default if undefined. */
  database(inputs: WireObject): string | undefined;
  id(inputs: WireObject, database: string): string;
  create(session: DatabaseSession, inputs: WireObject): Promise<void>;
  update(session: DatabaseSession, old: WireObject, inputs: WireObject): Promise<void>;
  delete(session: DatabaseSession, inputs: WireObject): Promise<void>;
  /** Reads values that the server has filled in. */
  read?(session: DatabaseSession, inputs: WireObject): Promise<WireObject>;
}

export function text(inputs: WireObject, key: string): string {
  const value = inputs[key];
  return typeof value === "string" ? value : "";
}

export function flag(inputs: WireObject, key: string): boolean {
  return inputs[key] === true;
}

export function list(inputs: WireObject, key: string): readonly string[] {
  const value = inputs[key];
  return isList(value) ? value.filter((item) => typeof item === "string") : [];
}
