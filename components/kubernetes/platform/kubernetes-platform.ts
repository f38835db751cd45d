import type * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { StackSettings } from "../../settings";
import { restrictedNamespace } from "./namespace";
import { NetworkPolicies } from "./network-policies";
import { Operators } from "./operators";
import { createProvider } from "./provider";
import { NamespaceQuota } from "./quota";

/** Arguments of {@link KubernetesPlatform}. */
export interface KubernetesPlatformArgs {
  readonly settings: StackSettings;
}

/** What all parts of the stack on Kubernetes stand on: the provider, the operators, the namespace and its rules. */
export class KubernetesPlatform extends pulumi.ComponentResource {
  readonly settings: StackSettings;
  /** A plain value, so that objects can be checked in a preview. */
  readonly namespace: string;
  readonly provider: kubernetes.Provider;
  /** The namespace itself. */
  readonly home: pulumi.Resource;

  constructor(
    name: string,
    { settings }: KubernetesPlatformArgs,
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
    new NetworkPolicies(`${name}-network`, { settings }, inHome);
    this.registerOutputs({ namespace });
  }

  /** Options of an object in the namespace: made by the provider, after the namespace, its rules and the operators. */
  inside(parent: pulumi.Resource): pulumi.CustomResourceOptions {
    return { parent, provider: this.provider, dependsOn: [this] };
  }
}
