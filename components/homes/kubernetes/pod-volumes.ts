import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

type Volume = types.input.core.v1.Volume;

/** Where the certificate of an authority lies, in the stack's namespace. */
export type Authority =
  | { readonly secret: string; readonly key: string }
  | { readonly configMap: string; readonly key: string };

/** Every file that is mounted is read by the pod's own group, and by nobody else. */
export const GROUP_READS = 0o440;

/**
 * The certificate, and nothing else, as a file among others: beside it may lie the authority's key, which is nobody's
 * business.
 * @param path the file's name in the volume
 */
export function authorityFile(
  authority: Authority,
  path: string,
): types.input.core.v1.VolumeProjection {
  const items = [{ key: authority.key, path }];
  return "secret" in authority
    ? { secret: { name: authority.secret, items } }
    : { configMap: { name: authority.configMap, items } };
}

/** The same as a volume of its own. */
export function authorityVolume(name: string, authority: Authority, path: string): Volume {
  const files = { items: [{ key: authority.key, path }], defaultMode: GROUP_READS };
  return "secret" in authority
    ? { name, secret: { secretName: authority.secret, ...files } }
    : { name, configMap: { name: authority.configMap, ...files } };
}

/** Some keys of a Secret as files. */
export function secretVolume(
  name: string,
  secretName: pulumi.Input<string>,
  ...keys: readonly string[]
): Volume {
  const items = keys.map((key) => ({ key, path: key }));
  return { name, secret: { secretName, items, defaultMode: GROUP_READS } };
}

export function readOnly(name: string, mountPath: string): types.input.core.v1.VolumeMount {
  return { name, mountPath, readOnly: true };
}

/** The environment of a container. */
export function variables(
  values: Readonly<Record<string, pulumi.Input<string>>>,
): types.input.core.v1.EnvVar[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}
