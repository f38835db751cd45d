import { isRds } from "../../components/route/plan/targets";
import type { Engine, StackRef } from "../../engine/engine";
import { type Endpoint, connectionUrl, endpointOf, findLogin } from "../../engine/read-outputs";
import { requireOutputs } from "./known-stack";
import type { Terminal } from "../report/terminal";

export interface SecretRequest {
  readonly login: string | undefined;
  readonly url: boolean;
  readonly pool: boolean;
}

/** Prints one login's password or URL and nothing else, or lists the logins. No other command shows a password. */
export async function runSecret(
  { login, url, pool }: SecretRequest,
  engine: Engine,
  ref: StackRef,
  terminal: Terminal,
): Promise<number> {
  const outputs = await requireOutputs(engine, ref, terminal);
  if (login === undefined) {
    const logins = Object.entries(outputs.logins).map(([name, { user, database }]) => {
      return { name, user, database };
    });
    const width = Math.max(...logins.map(({ name }) => name.length));
    if (terminal.json) await terminal.document({ logins });
    else {
      for (const { name, user, database } of logins) {
        await terminal.output(`${name.padEnd(width)}  user ${user}, database ${database}`);
      }
    }
    return 0;
  }
  const found = findLogin(outputs, login);
  const { user, database, password } = found;
  const endpoint = url ? endpointOf(outputs, login, pool) : undefined;
  const secret = endpoint ? connectionUrl(found, endpoint) : password;
  if (endpoint) explainInside(endpoint, terminal);
  if (terminal.json) {
    await terminal.document({ login, user, database, [url ? "url" : "password"]: secret });
  } else await terminal.writeExact(secret);
  return 0;
}

function explainInside({ host, relay }: Endpoint, terminal: Terminal): void {
  if (relay === undefined) return;
  if (isRds(relay)) {
    terminal.error(
      `${host} can only be reached inside the databases' network on AWS. For sslrootcert, use Amazon's RDS ` +
        `certificate authorities of ${relay.authority.rds.join(" and ")}.`,
    );
    return;
  }
  terminal.error(
    `${host} can only be reached inside the Kubernetes cluster. For sslrootcert, use ca.crt of the Secret ` +
      `${relay.authority} in the namespace ${relay.namespace}.`,
  );
}
