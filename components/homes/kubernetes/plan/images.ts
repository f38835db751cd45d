import type { ServedDatabase } from "./cluster-stack";
import stored from "./images.json";

/** What a container runs besides a server: PgBouncer, its exporter, what copies dumps, or what leads to RDS. */
type HelperUse = "pool" | "exporter" | "dump" | "gateway";

/** What a container runs. */
export type ImageUse = ServedDatabase["database"] | HelperUse;

/** An image by its parts. */
export interface ImageReference {
  /** Host of the registry, with its port. */
  readonly registry: string;
  readonly name: string;
  readonly tag?: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest?: string;
}

/**
 * Splits `registry/name:tag@sha256:digest`.
 * @throws Error when it is not such a reference, or names no registry
 */
export function parseImage(image: string): ImageReference {
  const [, registry, name, tag, digest] =
    /^([\w.-]+(?::\d+)?)\/([\w./-]+)(?::([\w.-]+))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(image) ?? [];
  if (registry === undefined || name === undefined) {
    throw new Error(`${image} is not an image reference: expected registry/name:tag@sha256:digest`);
  }
  return {
    registry,
    name,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

interface StoredImage {
  readonly name: string;
  readonly tag: string;
  /** Left out where no second public source has the same one. */
  readonly digest?: string;
}

/**
 * The image of a database's servers and jobs: the stack's own, or the operator's, with PostgreSQL's extensions and
 * without TimescaleDB, by tags that are never moved.
 */
export function serverImage({ image, majorVersion }: ServedDatabase): string {
  return image ?? reference(stored.postgresql[majorVersion]);
}

/** @param given the stack's own image @default - the one of this project */
export function helperImage(use: HelperUse, given: string | undefined): string {
  return given ?? reference(stored[use]);
}

function reference({ name, tag, digest }: StoredImage): string {
  return `${name}:${tag}${digest === undefined ? "" : `@${digest}`}`;
}
