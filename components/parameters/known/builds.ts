/**
 * What a server was built with: the `plain` one that the facts were read from, without lz4 and zstd, or a
 * distribution's with `compression`, such as Debian's, on which the images for Kubernetes stand. `rds` is Amazon's,
 * which has parameters of its own and takes no others.
 */
export type Build = "plain" | "compression" | "rds";

const COMPRESSION: Readonly<Record<string, readonly string[]>> = {
  wal_compression: ["lz4", "zstd"],
  default_toast_compression: ["lz4"],
};

/** Words that a parameter takes besides those of the plain build. */
export function moreWords(build: Build, name: string): readonly string[] {
  return (build === "compression" ? COMPRESSION[name] : undefined) ?? [];
}
