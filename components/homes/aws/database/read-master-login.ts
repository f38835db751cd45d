import { messageOf } from "../../../connections/provider-connection";

/** The login that RDS made with a server, and whose password it changes by itself. */
export interface MasterLogin {
  readonly user: string;
  readonly password: string;
}

/**
 * Reads the login from Secrets Manager, with the credentials that the run has for AWS.
 * @param secret ARN
 * @throws Error naming the secret, never what it holds
 */
export async function readMasterLogin(region: string, secret: string): Promise<MasterLogin> {
  // Loaded when it is needed: that takes a while, and nothing else asks AWS by itself.
  const { GetSecretValueCommand, SecretsManagerClient } =
    await import("@aws-sdk/client-secrets-manager");
  const client = new SecretsManagerClient({ region });
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secret }));
    return loginIn(SecretString ?? "", secret);
  } catch (cause) {
    if (cause instanceof SecretError) throw cause;
    throw new SecretError(
      `the secret ${secret} with the login of the server's master cannot be read: ${messageOf(cause)}; whoever runs the ` +
        `program needs secretsmanager:GetSecretValue on it, and kms:Decrypt on its key`,
      { cause },
    );
  } finally {
    client.destroy();
  }
}

class SecretError extends Error {
  override readonly name = "SecretError";
}

/** No cause is given: what cannot be parsed would be in its message. */
function loginIn(text: string, secret: string): MasterLogin {
  const { username, password } = fieldsOf(text);
  if (typeof username === "string" && typeof password === "string") {
    return { user: username, password };
  }
  throw new SecretError(
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
