import { PodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import type { DatabaseLayer } from "../../../database-layer/database-layer";
import { projectRoot } from "../../../files/project-root";
import { PREFIX } from "../../../objectives/plan/metric-queries";
import { readQueries } from "../../../queries/query-folder";
import type { ExportedServer } from "../../database-server";
import { customResource } from "../custom-resource";
import { immutableConfigMap } from "../immutable-config-map";
import { immutableSecret } from "../immutable-secret";
import { metadata as metadataOf, selector } from "../labels";
import { firstCluster } from "../plan/cluster-names";
import type { ClusterStack } from "../plan/cluster-stack";
import { helperImage } from "../plan/images";
import type { KubernetesPlatform } from "../platform/kubernetes-platform";
import { exporterPod } from "./exporter-pod";
import {
  collector,
  collectorFile,
  EXPORTER_PATHS,
  exporterConfig,
  type ExporterTarget,
} from "./plan/exporter-config";
import { stackLabels } from "./series-labels";

export interface SqlExporterArgs extends Pick<ClusterStack, "outside"> {
  readonly platform: KubernetesPlatform;
  /** The database whose servers it reads. */
  readonly layer: DatabaseLayer;
  /** The stack's name. */
  readonly stack: string;
}

/**
 * Exporter of the metrics of a database outside of the cluster, whose servers have none that publishes them. It runs the
 * same queries as CloudNativePG's exporter, under the same names. It connects as the monitoring login, with verified
 * TLS, in one session for each server.
 */
export class SqlExporter extends pulumi.ComponentResource {
  constructor(name: string, args: SqlExporterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:kubernetes:SqlExporter", name, {}, opts);
    const { platform, layer, stack, outside } = args;
    const { server } = layer;
    const { namespace } = platform;
    const own = `${firstCluster(server.database)}-exporter`;
    const metadata = metadataOf("exporter", namespace, own);
    const inside = platform.resourceOptions(this);
    const pods = selector("exporter", own);

    const account = new kubernetes.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata, automountServiceAccountToken: false },
      inside,
    );
    const named = (what: string) => metadataOf("exporter", namespace, `${own}-${what}`, own);
    const configMap = immutableConfigMap(
      `${name}-queries`,
      named("queries"),
      queryFiles(layer),
      inside,
    );
    const secret = immutableSecret(`${name}-config`, named("config"), configFiles(layer), inside);
    new kubernetes.apps.v1.Deployment(
      `${name}-deployment`,
      {
        metadata,
        spec: {
          replicas: 1,
          selector: { matchLabels: pods },
          // The connection budget counts two sessions: the old exporter's and the new one's.
          strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
          revisionHistoryLimit: 1,
          template: exporterPod({
            name: own,
            image: helperImage("sqlExporter", outside?.exporter?.image),
            hosts: server.exported?.map(({ host }) => host) ?? [],
            secret,
            configMap,
            authority: platform.caOf(server),
          }),
        },
      },
      // It needs the monitoring login and its schema.
      pulumi.mergeOptions(inside, { dependsOn: [account, layer] }),
    );
    const monitor = new PodMonitor({
      metadata,
      spec: {
        selector: { matchLabels: pods },
        podMetricsEndpoints: [
          {
            port: "metrics",
            interval: "30s",
            scrapeTimeout: "10s",
            relabelings: stackLabels(stack, server.database),
            metricRelabelings: [
              // Without the exporter's own metrics, such as its `up`, and without its `job`, which is a role.
              { action: "keep", sourceLabels: ["__name__"], regex: `${PREFIX}.+` },
              { action: "labeldrop", regex: "exported_job" },
            ],
          },
        ],
      },
    });
    customResource(`${name}-monitor`, monitor, inside);
    this.registerOutputs({});
  }
}

/** Files with the queries of each role. */
function queryFiles({ server }: DatabaseLayer): Record<string, string> {
  const { database, extensions, exported = [] } = server;
  const queries = readQueries(projectRoot());
  return Object.fromEntries(
    exported.map(({ role, majorVersion }) => [
      collectorFile(role),
      stringify(collector(queries, { database, role, majorVersion, extensions }), { lineWidth: 0 }),
    ]),
  );
}

/** The file with the servers and their login. */
function configFiles({ server, logins }: DatabaseLayer): pulumi.Output<Record<string, string>> {
  const { database, exported = [] } = server;
  const { user, password } = logins.monitor;
  const target = ({ name, role, port }: ExportedServer) =>
    pulumi.all([port, password]).apply(([port, password]): ExporterTarget => ({
      ...{ name, role, port, user, password, database },
    }));
  return pulumi.secret(
    pulumi.all(exported.map(target)).apply((targets): Record<string, string> => ({
      [EXPORTER_PATHS.configFile]: stringify(exporterConfig(targets, EXPORTER_PATHS)),
    })),
  );
}
