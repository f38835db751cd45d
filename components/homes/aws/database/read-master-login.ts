import { messageOf } from "../../../connections/provider-connection";

/**
 * Reads the login of the master user from Secrets Manager, with the program's AWS credentials. RDS may rotate the
 * password, so it is read each time.
 * @param secret ARN
 * @throws Error that names the secret, never its content
 */
export async function readMasterLogin(
  region: string,
  secret: string,
): Promise<{ readonly user: string; readonly password: string }> {
  // Loaded lazily: it is slow to load, and nothing else uses the SDK directly.
  const { GetSecretValueCommand, SecretsManagerClient } =
    await import("@aws-sdk/client-secrets-manager");
  const client = new SecretsManagerClient({ region });
  const { SecretString = "" } = await client
    .send(new GetSecretValueCommand({ SecretId: secret }))
    .catch((cause: unknown) => {
      throw new Error(
        `cannot read the secret ${secret} with the login of the master user: ${messageOf(cause)}; the program's ` +
          `credentials need secretsmanager:GetSecretValue on it, and kms:Decrypt on its key`,
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
  // No cause: its message would contain the text that could not be parsed.
  throw new Error(
    `the secret ${secret} has no username and password; RDS writes them when it creates the server`,
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
