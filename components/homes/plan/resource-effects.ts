/**
 * Effect of a changed property on a server: a restart, no effect until someone restarts it (`waits`), or a new server
 * without the data.
 */
export type Effect = "restart" | "waits" | "replace";

type Inputs = Readonly<Record<string, unknown>>;

/** Effects of changes to one type of resource, for resources that make up a server. */
export interface ResourceEffects {
  /** Pulumi's type token, or its end. */
  readonly type: string;
  /** Whether deleting it loses data. @default - never */
  readonly holdsData?: (inputs: Inputs) => boolean;
  /** Effect of a changed input. @param path such as `spec.imageName`. @default - none */
  readonly effect?: (path: string) => Effect | undefined;
  /**
   * When a change restarts it; undefined for at once.
   * @param paths of all changed inputs
   * @default - at once
   */
  readonly restartWindow?: (inputs: Inputs, paths: readonly string[]) => string | undefined;
  /** Command that restarts it, for changes that wait for that. @default - none */
  readonly restartCommand?: (inputs: Inputs) => string;
  /**
   * Whether it is a server of a managed service: its parameters are a separate resource, and deleting it leaves a final
   * snapshot. @default false
   */
  readonly managedServer?: boolean;
}
