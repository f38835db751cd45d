/**
 * What a change of a property does to a server, besides changing the property: a restart; nothing before somebody
 * restarts it (`waits`); or a new server in its place, without the data.
 */
export type Effect = "restart" | "waits" | "replace";

type Inputs = Readonly<Record<string, unknown>>;

/** What the changes of a type of resource do, for a home's resources that make up a server. */
export interface ResourceEffects {
  /** Pulumi's name of the type, or what it ends with. */
  readonly type: string;
  /** Whether data goes with it. @default - never */
  readonly holdsData?: (inputs: Inputs) => boolean;
  /** @param path of a changed input, such as `spec.imageName`. @default - none */
  readonly effect?: (path: string) => Effect | undefined;
  /**
   * When it is restarted for a change; undefined for at once.
   * @param paths of all changed inputs
   * @default - at once
   */
  readonly window?: (inputs: Inputs, paths: readonly string[]) => string | undefined;
  /**
   * Whether it is a server of a managed service: its parameters are a resource of their own, and a last snapshot stays
   * when it is deleted. @default false
   */
  readonly managedServer?: boolean;
}
