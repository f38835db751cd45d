import { messageOf } from "../../../connections/provider-connection";

/**
 * Reads the login that RDS made with a server from Secrets Manager, with the credentials that the run has for AWS. RDS
 * changes its password by itself.
 * @param secret ARN
 * @throws Error naming the secret, never what it holds
 */
export async function readMasterLogin(
  region: string,
  secret: string,
): Promise<{ readonly user: string; readonly password: string }> {
  // Loaded when it is needed: that takes a while, and nothing else asks AWS by itself.
  const { GetSecretValueCommand, SecretsManagerClient } =
    await import("@aws-sdk/client-secrets-manager");
  const client = new SecretsManagerClient({ region });
  const { SecretString = "" } = await client
    .send(new GetSecretValueCommand({ SecretId: secret }))
    .catch((cause: unknown) => {
      throw new Error(
        `the secret ${secret} with the login of the server's master cannot be read: ${messageOf(cause)}; whoever runs the ` +
          `program needs secretsmanager:GetSecretValue on it, and kms:Decrypt on its key`,
        { cause },
      );
    })
    .finally(() => {
      client.destroy();
    });
  const { username, password } = fieldsOf(SecretString);
  if (typeof username === "string" && typeof password === "string") {
    return { user: username, password };
  }
  // No cause is given: what cannot be parsed would be in its message.
  throw new Error(
    `the secret ${secret} holds no username and password: RDS writes them when it makes the server`,
  );
}

function fieldsOf(text: string): { readonly username?: unknown; readonly password?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
