import * as pulumi from "@pulumi/pulumi";
import { projectRoot } from "../../files/project-root";
import type { MonitoredStack } from "../../objectives/monitored-stack";
import { metricQueries } from "../../objectives/plan/metric-queries";
import type { QueryFile } from "../../queries/plan/query-file";
import { readQueries } from "../../queries/query-folder";
import type { DatabaseLayer } from "../../database-layer/database-layer";
import type { Endpoint } from "../database-server";
import type { PrometheusServer } from "../open-home";
import type { Login } from "../../connections/database-connection";
import { USERNAME } from "./plan/prometheus-config";
import { HOST } from "./processes/ports";
import { DynamicResource } from "../../resources/dynamic-resource";
import { randomPassword } from "../../resources/random-password";

export interface LocalMonitoringArgs extends MonitoredStack {
  /** Loopback ports. A change restarts Prometheus and the exporters. */
  readonly ports: {
    readonly prometheus: number;
    readonly metrics: number;
    readonly poolMetrics: number;
  };
}

/**
 * Prometheus with the stack's rules, and exporters of the servers' and the pool's metrics, as local processes. If the
 * programs are not installed, the stack comes up without them.
 */
export class LocalMonitoring extends pulumi.ComponentResource implements PrometheusServer {
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  /** Of Prometheus and of the exporters. */
  readonly login: Login;
  readonly running: pulumi.Output<boolean>;

  constructor(name: string, args: LocalMonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:local:LocalMonitoring", name, {}, opts);
    const { stack, databases, pool, rules, ports } = args;
    const password = randomPassword(`${name}-password`, { parent: this });
    this.login = { user: USERNAME, password };
    this.host = pulumi.output(HOST);
    this.port = pulumi.output(ports.prometheus);
    const queries = readQueries(projectRoot());
    const poolInputs = pool && {
      target: { stack, database: "pool", server: "pool" },
      port: pool.port,
      ...pool.statsLogin,
    };
    const services = new Services(
      `${name}-services`,
      {
        directory: "monitoring",
        port: ports.prometheus,
        metricsPort: ports.metrics,
        poolMetricsPort: ports.poolMetrics,
        password,
        // A pool that does not run has no metrics, whose absence would be an alert.
        rules: pulumi
          .output(pool?.running ?? false)
          .apply((running) => [
            ...databases.map(({ server }) => rules(server.database)),
            ...(running ? [rules("pool")] : []),
          ]),
        servers: databases.flatMap((layer) => serverInputs(layer, stack, queries)),
        // Without PgBouncer on the machine there is nothing to export.
        pool: pool?.running.apply((running) => (running ? pulumi.output(poolInputs) : undefined)),
      },
      { parent: this, dependsOn: [...databases] },
    );
    this.running = services.running;
    this.registerOutputs({ running: this.running });
  }
}

class Services extends DynamicResource {
  declare readonly running: pulumi.Output<boolean>;

  constructor(name: string, inputs: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    super("local:Monitoring", name, { ...inputs, running: undefined }, opts);
  }
}

/** Milliseconds that a reading waits for a server's only session. */
const PATIENCE = 15_000;

/** The primary of a database, and its replica. */
function serverInputs(
  { server, logins }: DatabaseLayer,
  stack: string,
  queries: readonly QueryFile[],
): pulumi.Inputs[] {
  const { database, extensions, sslMode, admin, replica } = server;
  const { majorVersion } = server.plan.tuning;
  const singleSession = server.maxConnections === 1;
  const inputs = (name: string, role: "primary" | "replica", { host, port }: Endpoint) => ({
    target: { stack, database, server: name, singleSession },
    reads: {
      ...{ host, port, database, ...logins.monitor },
      ...((sslMode ?? admin.sslMode) === "disable" ? {} : { ssl: true }),
      ...(singleSession ? { patience: PATIENCE } : {}),
      queries: metricQueries(queries, { database, role, majorVersion, extensions }),
    },
  });
  const name = database.replaceAll("_", "-");
  return [
    inputs(name, "primary", server),
    ...(replica ? [inputs(`${name}-replica`, "replica", replica)] : []),
  ];
}
