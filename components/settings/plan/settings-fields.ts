/** Building blocks of the settings schema; each carries its documentation and the text of its errors. */
import { z } from "zod";
import { isHost } from "../../text/address";
import { parseBytes } from "../../text/units";

/** Documentation of a setting, and the text of its error: the allowed values, and why. */
interface Explanation {
  readonly description: string;
  readonly allowed: string;
  readonly why: string;
}

export function withDocumentation<T extends z.ZodType>(
  schema: T,
  description: string,
  allowed: string,
  why: string,
): T {
  return schema.meta({ description, allowed, why } satisfies Explanation);
}

export function integerSetting(least: number, most: number, description: string, why: string) {
  return withDocumentation(
    z.int().min(least).max(most),
    description,
    `a whole number from ${least} to ${most}`,
    why,
  );
}

export function enumSetting<const T extends readonly [string, ...string[]]>(
  values: T,
  description: string,
  why: string,
) {
  return withDocumentation(z.enum(values), description, `one of ${values.join(", ")}`, why);
}

export function booleanSetting(description: string, why: string) {
  return withDocumentation(z.boolean(), description, "true or false", why);
}

export function sizeSetting(description: string, why: string) {
  return withDocumentation(
    z
      .string()
      .regex(/^\d+(\.\d+)? ?[MGT]iB$/)
      .transform(parseBytes),
    description,
    "a size such as 512MiB, 8GiB or 1TiB",
    why,
  );
}

export const tcpPortSetting = (description: string) =>
  integerSetting(1024, 65_535, description, "ports below 1024 need a privileged process");

export const endpointSettings = z.strictObject({
  host: withDocumentation(
    z.string().refine(isHost),
    "Host name or IP address.",
    "a host name, or an IP address without brackets and port",
    "connections are opened to this host",
  ),
  port: integerSetting(1, 65_535, "TCP port.", "connections are opened to this port"),
});

/** Image reference with registry, name, tag and digest. */
export const imageSetting = (description: string) =>
  withDocumentation(
    z.string().regex(/^[\w.-]+(:\d+)?(\/[\w.-]+)+:[\w.-]+(@sha256:[0-9a-f]{64})?$/),
    description,
    "registry/name:tag@sha256:digest; the digest is optional where protection is off",
    "a tag can be moved to another image, a digest cannot",
  );
