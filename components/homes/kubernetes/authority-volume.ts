import type { types } from "@pulumi/kubernetes";

type Projection = types.input.core.v1.VolumeProjection;
type Volume = types.input.core.v1.Volume;

/** Where the certificate of an authority lies, in the stack's namespace. */
export type Authority =
  | { readonly secret: string; readonly key: string }
  | { readonly configMap: string; readonly key: string };

/**
 * The certificate, and nothing else, as a file among others: beside it may lie the authority's key, which is nobody's
 * business.
 * @param path the file's name in the volume
 */
export function authorityFile(authority: Authority, path: string): Projection {
  const items = [{ key: authority.key, path }];
  return "secret" in authority
    ? { secret: { name: authority.secret, items } }
    : { configMap: { name: authority.configMap, items } };
}

/** The same as a volume of its own. @param defaultMode who may read it */
export function authorityVolume(
  name: string,
  authority: Authority,
  { path, defaultMode }: { readonly path: string; readonly defaultMode: number },
): Volume {
  const files = { items: [{ key: authority.key, path }], defaultMode };
  return "secret" in authority
    ? { name, secret: { secretName: authority.secret, ...files } }
    : { name, configMap: { name: authority.configMap, ...files } };
}
