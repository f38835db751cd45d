import { createHash, createHmac } from "node:crypto";

/** Login of S3-compatible storage. */
export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A signed GET request. */
export interface S3Request {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

/** SHA-256 of an empty body. */
const EMPTY = sha256("");

/**
 * Signs a GET request as Amazon's Signature Version 4 has it, which other storage takes as well.
 * @param url - with its query
 */
export function signedGet(url: URL, region: string, keys: S3Keys, now: Date): S3Request {
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, "");
  const day = time.slice(0, 8);
  const headers = { host: url.host, "x-amz-content-sha256": EMPTY, "x-amz-date": time };
  const names = Object.keys(headers).join(";");
  const query = [...url.searchParams]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort();
  const canonical = [
    "GET",
    url.pathname,
    query.join("&"),
    ...Object.entries(headers).map(([name, value]) => `${name}:${value}`),
    "",
    names,
    EMPTY,
  ].join("\n");
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const key = [day, region, "s3", "aws4_request"].reduce<string | Buffer>(
    (parent, part) => hmac(parent, part).digest(),
    `AWS4${keys.secretAccessKey}`,
  );
  const signature = hmac(key, text).digest("hex");
  const authorization =
    `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${names}, ` +
    `Signature=${signature}`;
  return { url, headers: { ...headers, authorization } };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string) {
  return createHmac("sha256", key).update(text);
}

/** Percent-encoded but for letters, digits and `-_.~`. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
