import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { StackSettings } from "../../../../support/parse-settings";
import { platformOf } from "../../../../support/built-cluster";
import { plannedBy, waitsFor } from "../../../../support/kubernetes-plan";
import { kubernetesStack, objectOf, registeredBy } from "../../../../support/registered";

const registeredOf = (changes: Readonly<Record<string, unknown>> = {}) =>
  registeredBy(() => platformOf(kubernetesStack(changes), "platform"));
const providerOf = async (changes: Readonly<Record<string, unknown>> = {}) =>
  (await registeredOf(changes)).find(({ name }) => name === "platform-provider")?.inputs;

describe("the connection to the cluster", () => {
  it("is to the context that the settings name, or to the current one", async () => {
    expect(await providerOf({ kubernetes: { context: "here" } })).toHaveProperty("context", "here");
    expect(await providerOf()).not.toHaveProperty("context");
  });

  it.each(["here", "there", undefined])(
    "is to the same cluster for Pulumi by every name, so that none replaces anything: %s",
    async (context) => {
      const inputs = await providerOf({ kubernetes: { context } });
      expect(inputs).toHaveProperty("clusterIdentifier", "sark-databases");
    },
  );

  it("changes Secrets where they are, since one that is retained cannot be made anew", async () => {
    expect(await providerOf()).toHaveProperty("enableSecretMutable", "true");
  });

  it("keeps the paths of this machine out of the state", async () => {
    const before = process.env["KUBECONFIG"];
    process.env["KUBECONFIG"] = "/home/somebody/.kube/config";
    try {
      expect(JSON.stringify(await providerOf())).not.toContain("/home/somebody");
    } finally {
      if (before === undefined) delete process.env["KUBECONFIG"];
      else process.env["KUBECONFIG"] = before;
    }
  });
});

it("is a namespace whose pods are held to the standard of the cluster's own version", async () => {
  const kubernetes = { version: "1.35", namespace: "elsewhere" };
  const namespace = objectOf(await registeredOf({ kubernetes }), "Namespace", "elsewhere");
  expect(namespace["metadata"]).toMatchObject({
    labels: {
      "pod-security.kubernetes.io/enforce": "restricted",
      "pod-security.kubernetes.io/enforce-version": "v1.35",
      "pod-security.kubernetes.io/audit": "restricted",
      "pod-security.kubernetes.io/audit-version": "v1.35",
      "pod-security.kubernetes.io/warn": "restricted",
      "pod-security.kubernetes.io/warn-version": "v1.35",
    },
  });
});

it("puts every object into that namespace", async () => {
  const objects = (await registeredOf({ kubernetes: { namespace: "elsewhere" } }))
    .map(({ inputs }) => inputs)
    .filter((inputs) => "kind" in inputs && inputs["kind"] !== "Namespace");
  expect(objects.length).toBeGreaterThan(10);
  const namespaces = objects.map(({ metadata }) => (metadata as { namespace?: string }).namespace);
  expect(new Set(namespaces)).toEqual(new Set(["elsewhere"]));
});

describe("what stays when the stack is destroyed", () => {
  const chosen = async (settings: StackSettings, option: "protect" | "retainOnDelete") =>
    (await plannedBy(() => platformOf(settings, "platform")))
      .filter((each) => each[option])
      .map(({ name }) => name)
      .sort();

  it("is the namespace and what the servers in it still need", async () => {
    expect(await chosen(kubernetesStack(), "retainOnDelete")).toEqual([
      "platform-namespace",
      "platform-network-databases-from-monitoring",
      "platform-network-databases-from-operator",
      "platform-network-databases-to-api-server",
      "platform-network-databases-to-object-store",
      "platform-network-default-deny",
      "platform-network-dns",
      "platform-network-sark-among-themselves",
      "platform-network-sark-audit-among-themselves",
    ]);
  });

  it("is nothing where the settings say so", async () => {
    expect(
      await chosen(kubernetesStack({ kubernetes: { retain: false } }), "retainOnDelete"),
    ).toEqual([]);
  });

  it("refuses to go while the stack is protected: the namespace, with all that is in it", async () => {
    const guarded = { ...kubernetesStack(), protection: true };
    expect(await chosen(guarded, "protect")).toEqual(["platform-namespace"]);
    expect(await chosen(kubernetesStack(), "protect")).toEqual([]);
  });
});

it("comes before everything in the namespace: the operators, the namespace and its rules", async () => {
  const planned = await plannedBy(() => {
    const settings = kubernetesStack({ kubernetes: { operators: { cloudnativePg: "install" } } });
    const platform = platformOf(settings, "platform");
    const component = new pulumi.ComponentResource("sark:test:Part", "part");
    new kubernetes.core.v1.ConfigMap(
      "object",
      { metadata: { name: "object", namespace: platform.namespace } },
      platform.inside(component),
    );
  });
  expect([...waitsFor(planned, "object")]).toEqual(
    expect.arrayContaining([
      "platform-provider",
      "platform-namespace",
      "platform-quota-containers",
      "platform-quota-total",
      "platform-network-default-deny",
      "platform-operators-cloudnative-pg",
    ]),
  );
  for (const rule of ["platform-quota-total", "platform-network-dns"]) {
    expect(waitsFor(planned, rule)).toContain("platform-namespace");
  }
});
