/**
 * How a server was built. `plain` is the build that the facts were read from, without lz4 and zstd. `compression` is a
 * distribution's, such as Debian's, on which the images for Kubernetes are based. `rds` is Amazon's, which has its own
 * parameters and allows no others.
 */
export type Build = "plain" | "compression" | "rds";

const COMPRESSION: Readonly<Record<string, readonly string[]>> = {
  wal_compression: ["lz4", "zstd"],
  default_toast_compression: ["lz4"],
};

/** Enum values that this build accepts besides those of the plain build. */
export function additionalEnumValues(build: Build, name: string): readonly string[] {
  return (build === "compression" ? COMPRESSION[name] : undefined) ?? [];
}
