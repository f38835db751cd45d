import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { contradiction, type DumpManifest, signedText } from "../plan/dump-manifest";
import { DumpError } from "./dump-error";
import { deriveKey, keyIdOf } from "./encrypted-stream";

export function sign(manifest: Omit<DumpManifest, "mac">, secret: string): DumpManifest {
  return { ...manifest, mac: macOf(manifest, secret) };
}

/**
 * Reads a manifest and checks that it was written with this key and not changed.
 * @throws DumpError with the reason
 */
export function readManifest(file: string, secret: string): DumpManifest {
  const manifest = parse(file);
  if (manifest.keyId !== keyIdOf(secret)) {
    throw new DumpError(`${file}: the dump is encrypted with another key`);
  }
  const wrong = contradiction(manifest);
  if (wrong !== undefined)
    throw new DumpError(`${file}: the manifest contradicts itself: ${wrong}`);
  const [found, right] = [manifest.mac, macOf(manifest, secret)].map((mac) => Buffer.from(mac));
  if (
    found === undefined ||
    right === undefined ||
    found.length !== right.length ||
    !timingSafeEqual(found, right)
  ) {
    throw new DumpError(`${file}: the manifest was changed after it was written`);
  }
  return manifest;
}

function parse(file: string): DumpManifest {
  let manifest: Partial<DumpManifest>;
  try {
    // Its mac is checked before any other field is used for more than an error.
    manifest = JSON.parse(readFileSync(file, "utf8")) as Partial<DumpManifest>;
  } catch (error) {
    const reason = error instanceof SyntaxError ? "it is not JSON" : String(error);
    throw new DumpError(`${file}: the manifest cannot be read: ${reason}`, { cause: error });
  }
  const isWhole =
    manifest.format === 1 &&
    Array.isArray(manifest.parts) &&
    typeof manifest.record === "object" &&
    typeof manifest.mac === "string";
  if (!isWhole) throw new DumpError(`${file}: the manifest lacks fields`);
  return manifest as DumpManifest;
}

function macOf(manifest: Omit<DumpManifest, "mac">, secret: string): string {
  return createHmac("sha256", deriveKey(secret, "manifest"))
    .update(signedText(manifest))
    .digest("hex");
}
