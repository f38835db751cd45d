import { helmCharts } from "../../../../../components/homes/kubernetes/plan/compatibility";
import { installOperators } from "../../../../../components/homes/kubernetes/platform/operators";
import { plannedBy, waitsFor } from "../../../../support/kubernetes-plan";
import { kubernetesStack } from "../../../../support/registered";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const installAll = {
  cloudnativePg: "install",
  barmanCloud: "install",
  certManager: "install",
};

const operatorsOf = (operators: object, changes: object = {}) =>
  plannedBy(() => {
    const settings = kubernetesStack({ kubernetes: { operators, ...changes } });
    installOperators("operators", settings.kubernetes, settings.monitoring.enabled);
  });
const custom = async (operators: object, changes: object = {}) =>
  (await operatorsOf(operators, changes)).filter((each) => each.custom);

it("installOperators installs nothing when the operators are given", async () => {
  expect(await custom({})).toEqual([]);
});

it("installOperators installs each chart at its fixed version, into its own namespace", async () => {
  const releases = (await custom(installAll)).filter(({ type }) => type === RELEASE);
  expect(releases.map(({ inputs }) => inputs)).toEqual(
    [
      { chart: helmCharts.certManager, namespace: "cert-manager" },
      { chart: helmCharts.cloudnativePg, namespace: "cnpg-system" },
      { chart: helmCharts.barmanCloud, namespace: "cnpg-system" },
    ].map(({ chart, namespace }): unknown =>
      expect.objectContaining({
        chart: chart.name,
        version: chart.version,
        repositoryOpts: { repo: chart.repository },
        namespace,
        atomic: true,
      }),
    ),
  );
  for (const { inputs } of releases) expect(inputs["version"]).toMatch(/^v?\d+\.\d+\.\d+$/);
});

it("operators' namespaces enforce the restricted standard", async () => {
  const namespaces = (await custom(installAll)).filter(({ type }) => type.endsWith(":Namespace"));
  expect(namespaces.map(({ inputs }) => inputs["metadata"])).toEqual(
    ["cert-manager", "cnpg-system"].map((name): unknown =>
      expect.objectContaining({
        name,
        labels: expect.objectContaining({
          "pod-security.kubernetes.io/enforce": "restricted",
        }) as unknown,
      }),
    ),
  );
});

it("installOperators installs cert-manager, CloudNativePG and its plugin in that order", async () => {
  const planned = await operatorsOf(installAll);
  const certManager = ["operators-cert-manager"];
  expect([...waitsFor(planned, "operators-cloudnative-pg")]).toEqual(
    expect.arrayContaining([...certManager, "operators-cloudnative-pg-namespace"]),
  );
  expect([...waitsFor(planned, "operators-barman-cloud")]).toEqual(
    expect.arrayContaining([...certManager, "operators-cloudnative-pg"]),
  );
});

it("installOperators puts the plugin into a given operator's namespace", async () => {
  const found = await custom({ barmanCloud: "install", namespace: "operators" });
  expect(found.map(({ type, inputs }) => [type, inputs["namespace"]])).toEqual([
    [RELEASE, "operators"],
  ]);
});

it("operators have memory limits, and CloudNativePG runs two replicas", async () => {
  const [certManager, cloudNativePg, plugin] = (await custom(installAll))
    .filter(({ type }) => type === RELEASE)
    .map(({ inputs }) => inputs["values"]);
  const resources = expect.objectContaining({
    limits: expect.objectContaining({ memory: "512Mi" }) as unknown,
  }) as unknown;
  const bounded = { resources };
  expect(certManager).toMatchObject({
    ...bounded,
    webhook: bounded,
    cainjector: bounded,
    startupapicheck: bounded,
    crds: { enabled: true, keep: true },
  });
  expect(cloudNativePg).toMatchObject({ ...bounded, replicaCount: 2, image: { tag: "1.30.1" } });
  expect(plugin).toMatchObject(bounded);
});

it.each([true, false])("operators are retained with the clusters: %s", async (retain) => {
  const found = await custom(installAll, { retain });
  expect(found.length).toBe(5);
  expect(new Set(found.map(({ retainOnDelete }) => retainOnDelete))).toEqual(new Set([retain]));
});
