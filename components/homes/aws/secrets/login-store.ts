import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ConnectionPool } from "../../../pool/connection-pool";
import type { Endpoint } from "../../database-server";
import type { DatabaseLayer } from "../../../database-layer/database-layer";
import type { Login } from "../../../connections/database-connection";
import { secretName, secretPolicy } from "./plan/stored-logins";
import { HANDED_OUT, type Purpose } from "../../../roles/plan/logins";
import type { DatabaseName } from "../../../roles/plan/role-plan";
import { encryptionKey } from "../encryption-key";
import type { AwsPlatform } from "../platform/aws-platform";

/** Days in which a deleted secret can be had back, the most that AWS grants; its name is taken for as long. */
const RECOVERY_DAYS = 30;

export interface LoginStoreArgs {
  readonly platform: AwsPlatform;
  /**
   * Those on RDS are stored. What reaches one in the cluster runs there and mounts its login; a second copy would be a
   * second place to lose it.
   */
  readonly databases: readonly DatabaseLayer[];
  /** What the logins connect to. @default - the databases' own servers */
  readonly pool: ConnectionPool | undefined;
}

/**
 * Stores the application's logins in Secrets Manager, encrypted with a key of their own: all that it takes to connect, in
 * AWS's own words.
 *
 * After a rotation (`rotation` raised by one) a new version names the other login of the pair. The one before stays in
 * the secret as AWSPREVIOUS, and in the server: it works until the rotation after. AWS's own rotation is left off. Its
 * function would give a login of the stack another password behind the stack's back, with a way into the server and a
 * login that may do so; the pool and the state would know the old one.
 *
 * A secret that is deleted is kept for 30 days and can be had back (`aws secretsmanager restore-secret`); until then no
 * other takes its name.
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
    platform.inside(component),
  );
  for (const layer of databases.filter(({ server }) => server.home === "aws")) {
    const { database } = layer.server;
    for (const purpose of HANDED_OUT) {
      const each = `${name}-${database.replace("_", "-")}-${purpose}`;
      const secret = createSecret(each, platform, key, { database, purpose }, component);
      new aws.secretsmanager.SecretVersion(
        `${each}-version`,
        {
          secretId: secret.id,
          secretString: storedLogin(database, layer.logins[purpose], pool ?? layer.server),
        },
        pulumi.mergeOptions(platform.inside(component), {
          // The login is there before anybody hears of it.
          dependsOn: [layer],
          // A version is never taken away: the one before stays AWSPREVIOUS, and goes with the secret.
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
    pulumi.mergeOptions(platform.inside(parent), { protect: protection }),
  );
  new aws.secretsmanager.SecretPolicy(
    `${name}-policy`,
    { secretArn: secret.arn, policy: secretPolicy(names), blockPublicPolicy: true },
    platform.inside(parent),
  );
  return secret;
}

/**
 * A login as Secrets Manager's users expect it: the keys of AWS's own rotation functions and drivers. As secret as its
 * password; the SDK marks whatever a version holds once more.
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
