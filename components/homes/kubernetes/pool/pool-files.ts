import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Login } from "../../../connections/database-connection";
import { POOL_NAME } from "../plan/cluster-names";
import { renderUserlist } from "../../../pool/plan/pgbouncer-ini";
import { passwordVerifier } from "../../../roles/plan/scram";
import { contentHash } from "../../../text/fingerprint";
import { scriptText } from "../fixed-files";
import { metadata } from "../labels";
import { POOL_PATHS, POOL_PORT } from "./pool-paths";

/**
 * Files of the pool's pods. Each lies in an object that never changes and has its content in its name: a pod starts
 * with exactly what its template names, and a rollout happens when that changes, and only then.
 */

export const SCRIPTS = ["pgbouncer-bundle.sh", "pgbouncer-reload.sh", "pgbouncer-start.sh"];

/** Key of the exporter's arguments, which hold a password: the exporter reads arguments from a file, too. */
export const EXPORTER_ARGUMENTS = "exporter.args";

/** `pgbouncer.ini` and the scripts; returns the ConfigMap's name. */
export function configFiles(
  name: string,
  namespace: string,
  ini: pulumi.Output<string>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const data = ini.apply((text) => ({
    "pgbouncer.ini": text,
    ...Object.fromEntries(SCRIPTS.map((file) => [file, scriptText(file)])),
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
 * `userlist.txt` and the exporter's arguments; returns the Secret's name.
 * @param servers PgBouncer's own login in each database; it asks the databases for the application's
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
      .apply(([passwords, statsPassword]) => ({
        "userlist.txt": renderUserlist([
          ...servers.map(({ user }, at) => ({ name: user, secret: passwords[at] ?? "" })),
          // PgBouncer logs in nowhere with this one, so a verifier is enough.
          { name: stats.user, secret: passwordVerifier(stats.user, statsPassword) },
        ]),
        [EXPORTER_ARGUMENTS]: exporterArguments(stats.user, statsPassword),
      })),
  );
  // A hash of secrets is a secret, and a name is none: the name gets a random part, drawn anew when the content changes.
  const { provider: _, ...own } = opts;
  const version = new random.RandomId(
    `${name}-logins-version`,
    { byteLength: 5, keepers: { content: files.apply(contentHash) } },
    own,
  );
  const secret = new kubernetes.core.v1.Secret(
    `${name}-logins`,
    {
      metadata: {
        ...metadata("pgbouncer", namespace, POOL_NAME),
        name: pulumi.interpolate`${POOL_NAME}-logins-${version.hex}`,
      },
      immutable: true,
      type: "Opaque",
      stringData: files,
    },
    opts,
  );
  return secret.metadata.name;
}

/** A file of arguments, one a line. The password is letters and digits, so nothing needs quoting. */
function exporterArguments(user: string, password: string): string {
  const connection = `host=${POOL_PATHS.run} port=${POOL_PORT} user=${user} password=${password} dbname=pgbouncer sslmode=disable`;
  return `--pgBouncer.connectionString=${connection}\n`;
}
