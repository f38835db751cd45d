import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Chart, helmCharts } from "../plan/compatibility";
import type { KubernetesSettings } from "../plan/cluster-stack";
import { restrictedNamespace } from "./namespace";

type Values = Readonly<Record<string, unknown>>;

const CERT_MANAGER = "cert-manager";

/** Resources of an operator's container: enough for a few clusters, with a limit that protects the node. */
const RESOURCES = {
  requests: { cpu: "100m", memory: "128Mi" },
  limits: { memory: "512Mi" },
} as const;

/**
 * Installs the operators set to `install`, from Helm charts at fixed versions: cert-manager, which signs the
 * certificates of PgBouncer and the plugin, then CloudNativePG, then its Barman Cloud plugin. Operators set to `given`
 * are left alone.
 *
 * A preview by the Pulumi CLI downloads the charts to check the release, so `install` needs their repositories
 * reachable, but not the cluster. With `kubernetes.retain` the operators outlive the stack, since clusters cannot fail
 * over without them. The charts always keep their CRDs, and with them all objects of these kinds.
 */
export function installOperators(
  name: string,
  { operators, version, retain }: KubernetesSettings,
  monitoring: boolean,
  opts?: pulumi.ComponentResourceOptions,
): void {
  const parent = new pulumi.ComponentResource("sark:kubernetes:Operators", name, {}, opts);
  const options = { parent, retainOnDelete: retain };

  const after: pulumi.Resource[] = [];
  const install = (chart: Chart, namespace: string, values: Values) => {
    const what = `${name}-${chart.name}`;
    const home = restrictedNamespace(`${what}-namespace`, namespace, version, options);
    after.push(
      release(what, chart, namespace, values, { ...options, dependsOn: [...after, home] }),
    );
  };
  if (operators.certManager === "install") {
    install(helmCharts.certManager, CERT_MANAGER, certManagerValues(monitoring));
  }
  if (operators.cloudnativePg === "install") {
    install(
      helmCharts.cloudnativePg,
      operators.namespace,
      cloudNativePgValues(operators.version, monitoring),
    );
  }
  if (operators.barmanCloud === "install") {
    const values = { resources: RESOURCES };
    const own = { ...options, dependsOn: after };
    release(`${name}-barman-cloud`, helmCharts.barmanCloud, operators.namespace, values, own);
  }
}

/** Installs a chart and waits until its objects are ready; a failed release is rolled back. */
function release(
  name: string,
  chart: Chart,
  namespace: string,
  values: Values,
  opts: pulumi.CustomResourceOptions,
): kubernetes.helm.v3.Release {
  return new kubernetes.helm.v3.Release(
    name,
    {
      name: chart.name,
      chart: chart.name,
      version: chart.version,
      repositoryOpts: { repo: chart.repository },
      namespace,
      createNamespace: false,
      atomic: true,
      timeout: 600,
      values,
    },
    opts,
  );
}

function certManagerValues(monitoring: boolean) {
  return {
    crds: { enabled: true, keep: true },
    // Keeps leader election in its own namespace, not kube-system.
    global: { leaderElection: { namespace: CERT_MANAGER } },
    resources: RESOURCES,
    webhook: { resources: RESOURCES },
    cainjector: { resources: RESOURCES },
    startupapicheck: { resources: RESOURCES },
    prometheus: { podmonitor: { enabled: monitoring } },
  };
}

function cloudNativePgValues(version: string, monitoring: boolean) {
  return {
    image: { tag: version },
    // A leader and a stand-by: a single operator on the failed node could not trigger the failover.
    replicaCount: 2,
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: { "app.kubernetes.io/name": "cloudnative-pg" } },
      },
    ],
    resources: RESOURCES,
    monitoring: { podMonitorEnabled: monitoring },
  };
}
