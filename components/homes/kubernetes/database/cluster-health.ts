import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../../../resources/dynamic-resource";

/** What `components/homes/kubernetes/health` waits for. */
export interface ClusterHealthArgs {
  /** Context of the kubeconfig. @default - the current one */
  readonly context?: string | undefined;
  readonly namespace: string;
  /** Name of the cluster. */
  readonly cluster: string;
  /** Servers that have to be ready. */
  readonly instances: number;
  /** `fingerprint` of the cluster's `spec`: a change of it is waited for as well. */
  readonly spec: string;
  readonly timeoutMinutes: number;
  /** The setting `recovery.oldNames`. A preview refuses to leave a cluster with an old name without it. */
  readonly oldNames?: number | undefined;
}

/** Waits until the operator calls a new or changed cluster healthy; made of nothing, so that deleting it does nothing. */
export class ClusterHealth extends DynamicResource {
  constructor(name: string, args: ClusterHealthArgs, opts: pulumi.CustomResourceOptions) {
    super("kubernetes:ClusterHealth", name, args, opts);
  }
}
