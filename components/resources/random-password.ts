import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/**
 * Random password, as a secret. Letters and digits never need quoting; 32 of them have 190 bits.
 * @param keepers a change of these creates a new password
 */
export function randomPassword(
  name: string,
  opts: pulumi.CustomResourceOptions,
  keepers?: Readonly<Record<string, string>>,
): pulumi.Output<string> {
  const args = { length: 32, special: false, ...(keepers ? { keepers } : {}) };
  return new random.RandomPassword(name, args, opts).result;
}
