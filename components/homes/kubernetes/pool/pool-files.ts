import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Login } from "../../../connections/database-connection";
import { POOL_NAME } from "../plan/cluster-names";
import { renderUserlist } from "../../../pool/plan/pgbouncer-ini";
import { passwordVerifier } from "../../../roles/plan/scram";
import { contentHash } from "../../../text/fingerprint";
import { readScript } from "../immutable-config-map";
import { immutableSecret } from "../immutable-secret";
import { metadata } from "../labels";
import { POOL_PATHS, POOL_PORT } from "./pool-paths";

/**
 * Files of the pool's pods. Each is in an immutable object with a content-dependent name: a pod starts with exactly the
 * files that its template names, and a rollout happens only when they change.
 */

export const SCRIPTS = ["pgbouncer-bundle.sh", "pgbouncer-reload.sh", "pgbouncer-start.sh"];

/** Key of the exporter's argument file; the arguments hold a password. */
export const EXPORTER_ARGUMENTS = "exporter.args";

/** Creates the ConfigMap with `pgbouncer.ini` and the scripts; returns its name. */
export function configFiles(
  name: string,
  namespace: string,
  ini: pulumi.Output<string>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const data = ini.apply((text) => ({
    "pgbouncer.ini": text,
    ...Object.fromEntries(SCRIPTS.map((file) => [file, readScript(file)])),
  }));
  const configMap = new kubernetes.core.v1.ConfigMap(
    `${name}-config`,
    {
      metadata: {
        ...metadata("pgbouncer", namespace, POOL_NAME),
        name: data.apply((files) => `${POOL_NAME}-config-${contentHash(files)}`),
      },
      immutable: true,
      data,
    },
    opts,
  );
  return configMap.metadata.name;
}

/**
 * Creates the Secret with `userlist.txt` and the exporter's arguments; returns its name.
 * @param servers PgBouncer's own login in each database, with which it looks up application logins
 */
export function secretFiles(
  name: string,
  namespace: string,
  servers: readonly Login[],
  stats: Login,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const files = pulumi.secret(
    pulumi
      .all([pulumi.all(servers.map(({ password }) => password)), stats.password])
      .apply(([passwords, statsPassword]): Record<string, string> => ({
        "userlist.txt": renderUserlist([
          ...servers.map(({ user }, at) => ({ name: user, secret: passwords[at] ?? "" })),
          // A verifier is enough, since PgBouncer never logs in with this one.
          { name: stats.user, secret: passwordVerifier(stats.user, statsPassword) },
        ]),
        [EXPORTER_ARGUMENTS]: exporterArguments(stats.user, statsPassword),
      })),
  );
  const own = metadata("pgbouncer", namespace, `${POOL_NAME}-logins`, POOL_NAME);
  return immutableSecret(`${name}-logins`, own, files, opts);
}

/** Argument file, one per line. The password has letters and digits only, so nothing needs quoting. */
function exporterArguments(user: string, password: string): string {
  const connection = `host=${POOL_PATHS.run} port=${POOL_PORT} user=${user} password=${password} dbname=pgbouncer sslmode=disable`;
  return `--pgBouncer.connectionString=${connection}\n`;
}
