import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ConnectionPool } from "../../../pool/connection-pool";
import type { Endpoint } from "../../database-server";
import type { DatabaseLayer } from "../../../database-layer/database-layer";
import type { Login } from "../../../connections/database-connection";
import { secretName, secretPolicy } from "./plan/stored-logins";
import { PUBLISHED_PURPOSES, type Purpose } from "../../../roles/plan/logins";
import type { DatabaseName } from "../../../roles/plan/role-plan";
import { encryptionKey } from "../encryption-key";
import type { AwsPlatform } from "../platform/aws-platform";

/** Days in which a deleted secret can be restored, AWS's maximum. Its name stays reserved for as long. */
const RECOVERY_DAYS = 30;

export interface LoginStoreArgs {
  readonly platform: AwsPlatform;
  /**
   * Only logins of databases on RDS are stored. Clients of a database in the cluster run there and mount its login; a
   * second copy would be a second place to leak it.
   */
  readonly databases: readonly DatabaseLayer[];
  /** Pool that the logins connect to. @default - the databases' own servers */
  readonly pool: ConnectionPool | undefined;
}

/**
 * Stores the application's logins in Secrets Manager, encrypted with their own key, with everything needed to connect,
 * in AWS's format.
 *
 * After a rotation (`rotation` raised by one) a new version holds the other login of the pair. The previous one stays
 * in the secret as AWSPREVIOUS and in the server, and works until the next rotation. AWS's own rotation is off: its
 * function would change a password without the stack, so pool and state would hold the old one. It would also need a
 * network path to the server and a login with that privilege.
 *
 * A deleted secret can be restored for 30 days (`aws secretsmanager restore-secret`); until then its name is reserved.
 */
export function storeLogins(
  name: string,
  { platform, databases, pool }: LoginStoreArgs,
): pulumi.Resource {
  const component = new pulumi.ComponentResource("sark:aws:LoginStore", name, {});
  const { names, protection } = platform;
  const key = encryptionKey(
    `${name}-key`,
    {
      names,
      purpose: "logins",
      description: `Logins of the databases of ${names.base} in Secrets Manager`,
      protect: protection,
    },
    platform.optionsIn(component),
  );
  for (const layer of databases.filter(({ server }) => server.home === "aws")) {
    const { database } = layer.server;
    for (const purpose of PUBLISHED_PURPOSES) {
      const each = `${name}-${database.replace("_", "-")}-${purpose}`;
      const secret = createSecret(each, platform, key, { database, purpose }, component);
      new aws.secretsmanager.SecretVersion(
        `${each}-version`,
        {
          secretId: secret.id,
          secretString: storedLogin(database, layer.logins[purpose], pool ?? layer.server),
        },
        pulumi.mergeOptions(platform.optionsIn(component), {
          // The login must exist before it is published.
          dependsOn: [layer],
          // Versions are never deleted: the previous one stays as AWSPREVIOUS, and is deleted with the secret.
          retainOnDelete: true,
        }),
      );
    }
  }
  return component;
}

function createSecret(
  name: string,
  platform: AwsPlatform,
  key: aws.kms.Key,
  { database, purpose }: { readonly database: DatabaseName; readonly purpose: Purpose },
  parent: pulumi.Resource,
): aws.secretsmanager.Secret {
  const { names, protection } = platform;
  const secret = new aws.secretsmanager.Secret(
    name,
    {
      name: secretName(names, database, purpose),
      description: `Login of ${database} for ${purpose}; changed by raising rotation in the stack's settings`,
      kmsKeyId: key.arn,
      recoveryWindowInDays: RECOVERY_DAYS,
      tags: names.tags,
    },
    pulumi.mergeOptions(platform.optionsIn(parent), { protect: protection }),
  );
  new aws.secretsmanager.SecretPolicy(
    `${name}-policy`,
    { secretArn: secret.arn, policy: secretPolicy(names), blockPublicPolicy: true },
    platform.optionsIn(parent),
  );
  return secret;
}

/**
 * A login as JSON, with the keys that AWS's rotation functions and drivers use. It is secret because its password is;
 * the SDK also marks a version's content as secret.
 */
function storedLogin(
  dbname: DatabaseName,
  { user, password }: Login,
  { host, port }: Endpoint,
): pulumi.Output<string> {
  return pulumi
    .output({ host, port, password })
    .apply((known) => JSON.stringify({ engine: "postgres", dbname, username: user, ...known }));
}
