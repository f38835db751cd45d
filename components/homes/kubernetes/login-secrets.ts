import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ConnectionPool } from "../../pool/connection-pool";
import type { DatabaseLayer } from "../../database-layer/database-layer";
import { firstCluster } from "./plan/cluster-names";
import { PUBLISHED_PURPOSES, type Purpose } from "../../roles/plan/logins";
import { labels } from "./labels";
import type { KubernetesPlatform } from "./platform/kubernetes-platform";

/** Name of a login's Secret: `sark-app`, `sark-audit-readonly`, `sark-maintain`. */
export function loginSecretName(cluster: string, purpose: Purpose): string {
  return `${cluster}-${purpose}`;
}

export interface LoginSecretsArgs {
  readonly platform: KubernetesPlatform;
  readonly databases: readonly DatabaseLayer[];
  /** The pool that the logins connect to. @default - the databases' own servers */
  readonly pool: ConnectionPool | undefined;
  /**
   * Namespace of the Secrets; a pod can mount Secrets of its own namespace only. @default - the databases' namespace
   */
  readonly namespace?: string;
}

/**
 * One Secret per application login, with everything needed to connect: `username`, `password`, `host`, `port` and
 * `dbname`. After a rotation it holds the other login of the pair; pods pick that up when they restart.
 */
export class LoginSecrets extends pulumi.ComponentResource {
  constructor(name: string, args: LoginSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:kubernetes:LoginSecrets", name, {}, opts);
    const { platform, databases, pool } = args;
    const namespace = args.namespace ?? platform.namespace;
    for (const layer of databases.filter(({ server }) => server.home !== "local")) {
      const { database } = layer.server;
      const { host, port } = pool ?? layer.server;
      // Always the first cluster's name, so that applications keep their Secrets after a recovery.
      const cluster = firstCluster(database);
      for (const purpose of PUBLISHED_PURPOSES) {
        const { user, password } = layer.logins[purpose];
        const secret = loginSecretName(cluster, purpose);
        new kubernetes.core.v1.Secret(
          `${name}-${secret}`,
          {
            metadata: { name: secret, namespace, labels: labels("database", cluster) },
            type: "Opaque",
            stringData: {
              username: user,
              password,
              host,
              port: pulumi.output(port).apply(String),
              dbname: database,
            },
          },
          pulumi.mergeOptions(platform.resourceOptions(this), { dependsOn: [layer] }),
        );
      }
    }
    this.registerOutputs({});
  }
}
