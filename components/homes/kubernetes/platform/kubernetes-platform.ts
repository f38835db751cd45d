import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { DatabaseServer } from "../../database-server";
import type { ServerPlans } from "../../plan/home";
import { clusterNames } from "../plan/cluster-names";
import type { ClusterStack, Platform, Route } from "../plan/cluster-stack";
import { fixedFiles } from "../fixed-files";
import { metadata } from "../labels";
import type { Authority } from "../pod-volumes";
import { restrictedNamespace } from "./namespace";
import { closeNetwork } from "./network-policies";
import { installOperators } from "./operators";
import { boundNamespace } from "./quota";

export interface KubernetesPlatformArgs {
  /** What runs here: all of it has its room in the namespace, and its openings in the network. */
  readonly stack: ClusterStack;
  readonly servers: ServerPlans;
}

/** What all parts of the stack on Kubernetes stand on: the provider, the operators, the namespace and its rules. */
export class KubernetesPlatform extends pulumi.ComponentResource {
  /** Context of the kubeconfig; unset for the current one. */
  readonly context: string | undefined;
  readonly route: Route;
  /** Minutes in which a cluster has to become healthy. */
  readonly readyMinutes: number;
  /** Whether what a database lives on stays when the stack is destroyed. */
  readonly retain: boolean;
  /** Whether what holds data refuses to be deleted. */
  readonly protection: boolean;
  readonly monitoring: boolean;
  /** A plain value, so that objects can be checked in a preview. */
  readonly namespace: string;
  readonly provider: kubernetes.Provider;
  /** The namespace itself. */
  readonly home: pulumi.Resource;
  readonly #served: ClusterStack["served"];
  /** Unset where no server is on RDS. */
  readonly #rdsAuthority?: Authority;

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
    this.#served = stack.served;
    this.provider = connect(`${name}-provider`, stack.platform, this);
    const onCluster = { parent: this, provider: this.provider };

    installOperators(`${name}-operators`, stack.platform, this.monitoring, onCluster);
    // On the object itself: from a component Pulumi's engine would hand retainOnDelete on, the embedded one would not.
    this.home = restrictedNamespace(`${name}-namespace`, namespace, version, {
      ...onCluster,
      protect: this.protection,
      retainOnDelete: retain,
    });
    const inHome = { ...onCluster, dependsOn: [this.home] };
    boundNamespace(`${name}-quota`, stack, servers, inHome);
    closeNetwork(`${name}-network`, stack, inHome);
    if (stack.outside) {
      const key = "ca.crt";
      const configMap = fixedFiles(
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
   * What pods in the namespace verify a server's certificate by: the operator gives each cluster an authority of its own.
   * @throws Error for a server whose certificate could not be verified
   */
  authorityOf({ home, database }: DatabaseServer): Authority {
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

  /** Options of an object in the namespace: made by the provider, after the namespace, its rules and the operators. */
  inside(parent: pulumi.Resource): pulumi.CustomResourceOptions {
    return { parent, provider: this.provider, dependsOn: [this] };
  }
}

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
function connect(
  name: string,
  { context, namespace }: Platform,
  parent: pulumi.Resource,
): kubernetes.Provider {
  return new kubernetes.Provider(
    name,
    {
      kubeconfig: "",
      // To Pulumi a stack's cluster is always the same one, by whatever names and addresses it is reached.
      clusterIdentifier: "sark-databases",
      enableSecretMutable: true,
      namespace,
      ...(context === undefined ? {} : { context }),
    },
    { parent },
  );
}
