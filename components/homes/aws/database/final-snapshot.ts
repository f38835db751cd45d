import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/**
 * Name of the snapshot that RDS takes of a server before it deletes it: the same in every run, and of no other server.
 * A server of the same name that is made later, in this stack or when it is built again, has another: RDS refuses a
 * deletion whose snapshot exists.
 * @param identifier of the server
 */
export function finalSnapshot(
  name: string,
  identifier: string,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const { hex } = new random.RandomId(
    name,
    { byteLength: 4, prefix: `${identifier}-final-`, keepers: { identifier } },
    { parent },
  );
  return hex;
}
