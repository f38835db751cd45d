import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

type Volume = types.input.core.v1.Volume;

/** Secret or ConfigMap with a CA certificate, in the stack's namespace. */
export type CaSource =
  | { readonly secret: string; readonly key: string }
  | { readonly configMap: string; readonly key: string };

/** Mode of mounted files: readable by the pod's own group only. */
export const GROUP_READ_MODE = 0o440;

/**
 * Projects the CA certificate alone into a volume, since the Secret may also hold the CA's private key.
 * @param path the file's name in the volume
 */
export function caFile(authority: CaSource, path: string): types.input.core.v1.VolumeProjection {
  const items = [{ key: authority.key, path }];
  return "secret" in authority
    ? { secret: { name: authority.secret, items } }
    : { configMap: { name: authority.configMap, items } };
}

/** Mounts the CA certificate alone as its own volume. */
export function caVolume(name: string, authority: CaSource, path: string): Volume {
  const files = { items: [{ key: authority.key, path }], defaultMode: GROUP_READ_MODE };
  return "secret" in authority
    ? { name, secret: { secretName: authority.secret, ...files } }
    : { name, configMap: { name: authority.configMap, ...files } };
}

/** Mounts some keys of a Secret as files. */
export function secretVolume(
  name: string,
  secretName: pulumi.Input<string>,
  ...keys: readonly string[]
): Volume {
  const items = keys.map((key) => ({ key, path: key }));
  return { name, secret: { secretName, items, defaultMode: GROUP_READ_MODE } };
}

export function readOnlyMount(name: string, mountPath: string): types.input.core.v1.VolumeMount {
  return { name, mountPath, readOnly: true };
}

/** Environment variables of a container. */
export function environmentVariables(
  values: Readonly<Record<string, pulumi.Input<string>>>,
): types.input.core.v1.EnvVar[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}
