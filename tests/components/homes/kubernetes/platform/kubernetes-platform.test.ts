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

describe("Kubernetes provider", () => {
  it("uses the configured context, or the current one", async () => {
    expect(await providerOf({ kubernetes: { context: "here" } })).toHaveProperty("context", "here");
    expect(await providerOf()).not.toHaveProperty("context");
  });

  it.each(["here", "there", undefined])(
    "has a constant cluster identifier, so that a context change replaces nothing: %s",
    async (context) => {
      const inputs = await providerOf({ kubernetes: { context } });
      expect(inputs).toHaveProperty("clusterIdentifier", "sark-databases");
    },
  );

  it("updates Secrets in place", async () => {
    expect(await providerOf()).toHaveProperty("enableSecretMutable", "true");
  });

  it("keeps local kubeconfig paths out of the state", async () => {
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

it("platform namespace enforces the restricted Pod Security standard of the cluster's version", async () => {
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

it("platform puts every object into its namespace", async () => {
  const objects = (await registeredOf({ kubernetes: { namespace: "elsewhere" } }))
    .map(({ inputs }) => inputs)
    .filter((inputs) => "kind" in inputs && inputs["kind"] !== "Namespace");
  expect(objects.length).toBeGreaterThan(10);
  const namespaces = objects.map(({ metadata }) => (metadata as { namespace?: string }).namespace);
  expect(new Set(namespaces)).toEqual(new Set(["elsewhere"]));
});

describe("platform objects retained after destroy", () => {
  const chosen = async (settings: StackSettings, option: "protect" | "retainOnDelete") =>
    (await plannedBy(() => platformOf(settings, "platform")))
      .filter((each) => each[option])
      .map(({ name }) => name)
      .sort();

  it("are the namespace and the policies that its servers still need", async () => {
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

  it("are none with retain off", async () => {
    expect(
      await chosen(kubernetesStack({ kubernetes: { retain: false } }), "retainOnDelete"),
    ).toEqual([]);
  });

  it("include a protected namespace in a protected stack", async () => {
    const guarded = { ...kubernetesStack(), protection: true };
    expect(await chosen(guarded, "protect")).toEqual(["platform-namespace"]);
    expect(await chosen(kubernetesStack(), "protect")).toEqual([]);
  });
});

it("operators, namespace and policies are created before everything in the namespace", async () => {
  const planned = await plannedBy(() => {
    const settings = kubernetesStack({ kubernetes: { operators: { cloudnativePg: "install" } } });
    const platform = platformOf(settings, "platform");
    const component = new pulumi.ComponentResource("sark:test:Part", "part");
    new kubernetes.core.v1.ConfigMap(
      "object",
      { metadata: { name: "object", namespace: platform.namespace } },
      platform.resourceOptions(component),
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
