import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../../settings/plan/settings-schema";

/** To Pulumi a stack's cluster is always the same one, by whatever names and addresses it is reached. */
const IDENTITY = "sark-databases";

/**
 * The connection to the cluster that the settings name.
 *
 * An empty kubeconfig means the one that the environment gives at the time (`KUBECONFIG`, `~/.kube/config`, the pod's
 * own service account). Left out, the SDK would write the path of this machine into the state, and the next machine's
 * would look like a change, or like another cluster.
 *
 * Another context, or another address behind its name, replaces nothing: it cannot be told from the same cluster under
 * another name, and to replace what is there already fails half-way. On a cluster that was made anew, `pulumi refresh
 * --run-program` finds out that all is gone. Databases move to another cluster with a stack of their own, by a backup.
 *
 * Secrets change in place. Otherwise each change of a password deletes the Secret and makes it anew: pods that start
 * between the two fail, and one that is retained is not deleted, so that its successor is refused as already there.
 */
export function createProvider(
  name: string,
  { kubernetes: { context, namespace } }: Settings,
  opts: pulumi.ResourceOptions,
): kubernetes.Provider {
  return new kubernetes.Provider(
    name,
    {
      kubeconfig: "",
      clusterIdentifier: IDENTITY,
      enableSecretMutable: true,
      namespace,
      ...(context === undefined ? {} : { context }),
    },
    opts,
  );
}
