import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { DatabaseServer } from "../../database-server";
import type { ServerPlans } from "../../plan/home";
import { clusterNames } from "../plan/cluster-names";
import type { ClusterStack, KubernetesSettings, Route } from "../plan/cluster-stack";
import { immutableConfigMap } from "../immutable-config-map";
import { metadata } from "../labels";
import type { CaSource } from "../pod-volumes";
import { restrictedNamespace } from "./namespace";
import { createNetworkPolicies } from "./network-policies";
import { installOperators } from "./operators";
import { createQuota } from "./quota";

export interface KubernetesPlatformArgs {
  /** Everything that runs here: the quota and the network policies depend on it. */
  readonly stack: ClusterStack;
  readonly servers: ServerPlans;
}

/** Shared base of all parts on Kubernetes: provider, operators, namespace, quota and network policies. */
export class KubernetesPlatform extends pulumi.ComponentResource {
  /** Context of the kubeconfig; unset for the current one. */
  readonly context: string | undefined;
  readonly route: Route;
  /** Minutes within which a cluster must become healthy. */
  readonly readyMinutes: number;
  /** Whether databases and the objects they depend on stay when the stack is destroyed. */
  readonly retain: boolean;
  /** Whether objects with data refuse deletion. */
  readonly protection: boolean;
  readonly monitoring: boolean;
  /** Unset without volume snapshots. */
  readonly snapshots: KubernetesSettings["snapshots"];
  /** A plain value, not an output, so that objects can be validated in a preview. */
  readonly namespace: string;
  readonly provider: kubernetes.Provider;
  /** The namespace itself. */
  readonly namespaceResource: pulumi.Resource;
  readonly #served: ClusterStack["served"];
  /** Unset if no server is on RDS. */
  readonly #rdsAuthority?: CaSource;

  constructor(
    name: string,
    { stack, servers }: KubernetesPlatformArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("sark:kubernetes:KubernetesPlatform", name, {}, opts);
    const { context, namespace, version, retain, readyMinutes } = stack.platform;
    this.context = context;
    this.route = stack.route;
    this.readyMinutes = readyMinutes;
    this.retain = retain;
    this.protection = stack.protection;
    this.monitoring = stack.monitoring;
    this.namespace = namespace;
    this.snapshots = stack.platform.snapshots;
    this.#served = stack.served;
    this.provider = createProvider(`${name}-provider`, stack.platform, this);
    const onCluster = { parent: this, provider: this.provider };

    installOperators(`${name}-operators`, stack.platform, this.monitoring, onCluster);
    // Set on the object itself: Pulumi's engine passes a component's retainOnDelete on to its
    // children, the embedded engine does not.
    this.namespaceResource = restrictedNamespace(`${name}-namespace`, namespace, version, {
      ...onCluster,
      protect: this.protection,
      retainOnDelete: retain,
    });
    const inHome = { ...onCluster, dependsOn: [this.namespaceResource] };
    createQuota(`${name}-quota`, stack, servers, inHome);
    createNetworkPolicies(`${name}-network`, stack, inHome);
    if (stack.outside) {
      const key = "ca.crt";
      const configMap = immutableConfigMap(
        `${name}-rds-authorities`,
        metadata("platform", namespace, "rds-authorities"),
        { [key]: stack.outside.authorities() },
        inHome,
      );
      this.#rdsAuthority = { configMap, key };
    }
    this.registerOutputs({ namespace });
  }

  /**
   * CA that pods use to verify a server's certificate; the operator gives each cluster its own.
   * @throws Error for a server whose certificate cannot be verified
   */
  caOf({ home, database }: DatabaseServer): CaSource {
    if (home === "aws" && this.#rdsAuthority) return this.#rdsAuthority;
    const own = this.#served.find((each) => each.database === database);
    if (home === "kubernetes" && own) {
      return { secret: clusterNames(own).authority, key: "ca.crt" };
    }
    throw new Error(
      `${database}: pods on Kubernetes cannot verify the certificate of a server on ${home}; move the database to ` +
        `Kubernetes, or turn the pool off (pool.enabled)`,
    );
  }

  /**
   * Options of an object in the namespace: created by the provider, after the namespace, its policies and the
   * operators.
   */
  resourceOptions(parent: pulumi.Resource): pulumi.CustomResourceOptions {
    return { parent, provider: this.provider, dependsOn: [this] };
  }
}

/**
 * Provider for the Kubernetes cluster that the settings name.
 *
 * An empty kubeconfig means the environment's at run time (`KUBECONFIG`, `~/.kube/config`, the pod's service account).
 * If unset, the SDK writes this machine's path into the state, and another machine's path would look like a change, or
 * like another cluster.
 *
 * Another context, or another address behind its name, replaces nothing: it cannot be told from the same cluster under
 * another name, and replacing existing objects fails half-way. For a recreated cluster, `pulumi refresh --run-program`
 * finds that everything is gone. To move databases to another cluster, use a separate stack and a backup.
 *
 * Secrets change in place. Otherwise each password change deletes and recreates the Secret: pods that start in between
 * fail, and a retained Secret is not deleted, so that its successor fails as already existing.
 */
function createProvider(
  name: string,
  { context, namespace }: KubernetesSettings,
  parent: pulumi.Resource,
): kubernetes.Provider {
  return new kubernetes.Provider(
    name,
    {
      kubeconfig: "",
      // Makes Pulumi treat the stack's cluster as the same one under any name and address.
      clusterIdentifier: "sark-databases",
      enableSecretMutable: true,
      namespace,
      ...(context === undefined ? {} : { context }),
    },
    { parent },
  );
}
