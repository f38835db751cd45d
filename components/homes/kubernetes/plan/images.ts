import { databaseSettings } from "../../../settings/plan/database-settings";
import type { Settings } from "../../../settings/plan/settings-schema";
import stored from "./images.json";

/** What a container runs: a server, PgBouncer, its exporter, the jobs that copy dumps, or what leads to RDS. */
export type ImageUse = "sark" | "sark_audit" | "pool" | "exporter" | "dump" | "gateway";

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
    throw new Error(`${image} is not an image: registry/name:tag@sha256:digest is expected`);
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
 * The image of a container: the stack's own, or the default. The servers' defaults are the operator's own, with
 * PostgreSQL's extensions and without TimescaleDB, by tags that are never moved.
 */
export function imageOf(settings: Settings, use: ImageUse): string {
  const given = givenImage(settings, use);
  if (given !== undefined) return given;
  const isServer = use === "sark" || use === "sark_audit";
  const { name, tag, digest }: StoredImage = isServer
    ? stored.postgresql[databaseSettings(settings, use).majorVersion]
    : stored[use];
  return `${name}:${tag}${digest === undefined ? "" : `@${digest}`}`;
}

/** The image that the stack names; undefined where it leaves the choice to this project. */
export function givenImage(settings: Settings, use: ImageUse): string | undefined {
  const { sark, audit, pool, maintenance, aws } = settings;
  return {
    sark: sark.image,
    sark_audit: audit.image,
    pool: pool.image,
    exporter: pool.exporterImage,
    dump: maintenance.image,
    gateway: aws?.gateway.image,
  }[use];
}
