import type { MajorVersion } from "../../../parameters/parameters";
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

const joined = ({ name, tag, digest }: StoredImage): string =>
  `${name}:${tag}${digest === undefined ? "" : `@${digest}`}`;

/**
 * Images that are used where a stack names none. The servers' are the operator's own, with PostgreSQL's extensions and
 * without TimescaleDB, by tags that are never moved.
 */
export const defaultImages: {
  readonly postgresql: Readonly<Record<MajorVersion, string>>;
  readonly pool: string;
  readonly exporter: string;
  readonly dump: string;
  readonly gateway: string;
} = {
  postgresql: {
    16: joined(stored.postgresql[16]),
    17: joined(stored.postgresql[17]),
    18: joined(stored.postgresql[18]),
  },
  pool: joined(stored.pool),
  exporter: joined(stored.exporter),
  dump: joined(stored.dump),
  gateway: joined(stored.gateway),
};

/** The image of a container: the stack's own, or the default. */
export function imageOf(settings: Settings, use: ImageUse): string {
  return givenImage(settings, use) ?? defaultImage(settings, use);
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

function defaultImage({ sark, audit }: Settings, use: ImageUse): string {
  if (use === "sark") return defaultImages.postgresql[sark.majorVersion];
  if (use === "sark_audit") return defaultImages.postgresql[audit.majorVersion];
  return defaultImages[use];
}
