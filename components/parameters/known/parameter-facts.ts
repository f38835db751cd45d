/** Facts about server parameters, and their values. */

/** Units of `pg_settings.unit`; `8kB` is a page. */
export type Unit = "B" | "kB" | "8kB" | "MB" | "ms" | "s" | "min";

/** A parameter's value in its own unit. */
export type ParameterValue = number | boolean | string;

/** When a parameter takes effect (`pg_settings.context`); only `postmaster` needs a restart. */
type Context = "postmaster" | "sighup" | "superuser-backend" | "backend" | "superuser" | "user";

/** Facts about a parameter, from `pg_settings` of a real server. */
export interface ParameterFacts {
  /** In lower case; the server accepts any case. */
  readonly name: string;
  readonly vartype: "bool" | "integer" | "real" | "enum" | "string";
  readonly unit: Unit | null;
  readonly context: Context;
  /** Smallest and largest value, in {@link unit}; only numbers have them. */
  readonly min?: number;
  readonly max?: number;
  /** Allowed values of an enum. */
  readonly allowed?: readonly string[];
  /** Value without any configuration, in {@link unit}. */
  readonly boot: string | null;
  /** Whether a change needs a restart of the server. */
  readonly restart: boolean;
}

/** Entry in the generated files; absent fields are `null` or unlimited. */
export interface StoredFacts {
  readonly type: ParameterFacts["vartype"];
  readonly context: Context;
  readonly unit?: Unit;
  readonly min?: number;
  readonly max?: number;
  readonly allowed?: readonly string[];
  readonly boot?: string;
}
