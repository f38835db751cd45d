import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { DatabaseServer } from "../../database-server";
import { rdsRegions } from "../../aws/database/plan/rds-regions";
import { clusterNames } from "../plan/cluster-names";
import type { StackSettings } from "../../../settings/stack-settings";
import { rdsAuthorities } from "../../aws/database/plan/rds-authorities";
import { fixedFiles } from "../fixed-files";
import { metadata } from "../labels";
import type { Authority } from "../pod-volumes";
import { restrictedNamespace } from "./namespace";
import { closeNetwork } from "./network-policies";
import { installOperators } from "./operators";
import { boundNamespace } from "./quota";

/** What all parts of the stack on Kubernetes stand on: the provider, the operators, the namespace and its rules. */
export class KubernetesPlatform extends pulumi.ComponentResource {
  readonly settings: StackSettings;
  /** A plain value, so that objects can be checked in a preview. */
  readonly namespace: string;
  readonly provider: kubernetes.Provider;
  /** The namespace itself. */
  readonly home: pulumi.Resource;
  /** Unset where no server is on RDS. */
  readonly #rdsAuthority?: Authority;

  constructor(
    name: string,
    { settings }: { readonly settings: StackSettings },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("sark:kubernetes:KubernetesPlatform", name, {}, opts);
    const { namespace, version, retain } = settings.kubernetes;
    this.settings = settings;
    this.namespace = namespace;
    this.provider = connect(`${name}-provider`, settings, this);
    const onCluster = { parent: this, provider: this.provider };

    installOperators(`${name}-operators`, settings, onCluster);
    // On the object itself: from a component Pulumi's engine would hand retainOnDelete on, the embedded one would not.
    this.home = restrictedNamespace(`${name}-namespace`, namespace, version, {
      ...onCluster,
      protect: settings.protection,
      retainOnDelete: retain,
    });
    const inHome = { ...onCluster, dependsOn: [this.home] };
    boundNamespace(`${name}-quota`, settings, inHome);
    closeNetwork(`${name}-network`, settings, inHome);
    if (settings.sark.home === "aws" && settings.aws) {
      const key = "ca.crt";
      const configMap = fixedFiles(
        `${name}-rds-authorities`,
        metadata("platform", namespace, "rds-authorities"),
        { [key]: rdsAuthorities(rdsRegions(settings.aws)) },
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
    if (home === "kubernetes") {
      return { secret: clusterNames(this.settings, database).authority, key: "ca.crt" };
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
  { kubernetes: { context, namespace } }: StackSettings,
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
