import type { ServedDatabase } from "./cluster-stack";
import stored from "./images.json";

/**
 * Purpose of a non-server container: PgBouncer, its exporter, access to the backup storage, or the gateway and exporter
 * for RDS.
 */
type HelperUse = "pool" | "exporter" | "store" | "gateway" | "sqlExporter";

/** Purpose of a container: a database's server, or a helper. */
export type ImageUse = ServedDatabase["database"] | HelperUse;

/** Components of an image reference. */
export interface ImageReference {
  /** Registry host, with port. */
  readonly registry: string;
  readonly name: string;
  readonly tag?: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest?: string;
}

/**
 * Splits `registry/name:tag@sha256:digest`.
 * @throws Error if it is malformed, or names no registry
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
  /** Left out if no second public source confirms it. */
  readonly digest?: string;
}

/**
 * Image of a database's servers and jobs: the one in the settings, or CloudNativePG's, with PostgreSQL's extensions and
 * without TimescaleDB, by a tag that is never moved.
 */
export function serverImage({ image, majorVersion }: ServedDatabase): string {
  return image ?? reference(stored.postgresql[majorVersion]);
}

/** @param given image in the settings @default - this project's */
export function helperImage(use: HelperUse, given: string | undefined): string {
  return given ?? reference(stored[use]);
}

function reference({ name, tag, digest }: StoredImage): string {
  return `${name}:${tag}${digest === undefined ? "" : `@${digest}`}`;
}
