import type * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { DatabaseServer } from "../../database-server";
import { rdsRegions } from "../../aws/database/plan/rds-regions";
import { clusterNames } from "../plan/cluster-names";
import type { StackSettings } from "../../../settings/settings";
import { rdsAuthorities } from "../../aws/database/plan/rds-authorities";
import { fixedFiles } from "../fixed-files";
import type { Authority } from "../pod-volumes";
import { restrictedNamespace } from "./namespace";
import { NetworkPolicies } from "./network-policies";
import { Operators } from "./operators";
import { createProvider } from "./kubernetes-provider";
import { NamespaceQuota } from "./quota";

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
    this.provider = createProvider(`${name}-provider`, settings, { parent: this });
    const onCluster = { parent: this, provider: this.provider };

    new Operators(`${name}-operators`, { settings }, onCluster);
    // On the object itself: from a component Pulumi's engine would hand retainOnDelete on, the embedded one would not.
    this.home = restrictedNamespace(`${name}-namespace`, namespace, version, {
      ...onCluster,
      protect: settings.protection,
      retainOnDelete: retain,
    });
    const inHome = { ...onCluster, dependsOn: [this.home] };
    new NamespaceQuota(`${name}-quota`, { settings }, inHome);
    new NetworkPolicies(`${name}-network`, settings, inHome);
    if (settings.sark.home === "aws" && settings.aws) {
      const key = "ca.crt";
      const configMap = fixedFiles(
        `${name}-rds-authorities`,
        { part: "platform", name: "rds-authorities", namespace },
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
