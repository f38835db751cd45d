import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/**
 * A password that nobody chose, as a secret. Letters and digits need no quoting anywhere; 32 of them are 190 bits.
 * @param keepers a change of these makes a new password
 */
export function randomPassword(
  name: string,
  opts: pulumi.CustomResourceOptions,
  keepers?: Readonly<Record<string, string>>,
): pulumi.Output<string> {
  const args = { length: 32, special: false, ...(keepers ? { keepers } : {}) };
  return new random.RandomPassword(name, args, opts).result;
}
