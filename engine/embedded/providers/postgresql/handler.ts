import { isList, type WireObject } from "../../../wire";
import type { Session } from "./provider-session";

/**
 * One resource type of the `postgresql` package, as far as the program uses it. The SQL is that of the Terraform provider
 * which the Pulumi package bridges (cyrilgdn/postgresql 1.27), so that both engines leave the same catalogue, but for two
 * things: `create` takes over what is already there, and `delete` succeeds when it is gone, so that a run that was killed
 * can be repeated.
 */
export interface Handler {
  /** The inputs that it goes by. */
  readonly reads: readonly string[];
  readonly defaults: WireObject;
  /** The list whose order means nothing. */
  readonly set?: string;
  /** Keys whose change needs a new resource. */
  readonly replaceOn: readonly string[];
  /** The database to be connected to; the provider's own when undefined. */
  database(inputs: WireObject): string | undefined;
  id(inputs: WireObject, database: string): string;
  create(session: Session, inputs: WireObject): Promise<void>;
  update(session: Session, old: WireObject, inputs: WireObject): Promise<void>;
  delete(session: Session, inputs: WireObject): Promise<void>;
  /** What the server has filled in. */
  read?(session: Session, inputs: WireObject): Promise<WireObject>;
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
