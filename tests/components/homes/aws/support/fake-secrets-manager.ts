/** Fake Secrets Manager: answers signed GetSecretValue requests like the service (AWS JSON 1.1). */
import { once } from "node:events";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";

export class FakeSecretsManager {
  /** Contents of secrets, by ARN. */
  readonly secrets = new Map<string, string>();
  /** ARNs that were requested. */
  readonly asked: string[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const { SecretId } = JSON.parse(Buffer.concat(parts).toString()) as { SecretId: string };
        this.asked.push(SecretId);
        const signed = /AWS4-HMAC-SHA256 .*\/eu-central-1\/secretsmanager\//;
        const known =
          request.headers["x-amz-target"] === "secretsmanager.GetSecretValue" &&
          signed.test(request.headers.authorization ?? "");
        const SecretString = known ? this.secrets.get(SecretId) : undefined;
        response.writeHead(SecretString === undefined ? 400 : 200, {
          "content-type": "application/x-amz-json-1.1",
        });
        response.end(
          JSON.stringify(
            SecretString === undefined
              ? { __type: "ResourceNotFoundException", Message: "no such secret" }
              : { ARN: SecretId, Name: "master", SecretString },
          ),
        );
      });
    });
  }

  static async start(): Promise<FakeSecretsManager> {
    const fake = new FakeSecretsManager();
    fake.#server.listen(0, "127.0.0.1");
    await once(fake.#server, "listening");
    return fake;
  }

  /** Environment with which a program uses this server instead of AWS. */
  get environment(): NodeJS.ProcessEnv {
    const { port } = this.#server.address() as AddressInfo;
    return {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "of nobody",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    };
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
