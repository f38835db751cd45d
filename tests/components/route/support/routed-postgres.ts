/** A real PostgreSQL with TLS, behind a fake Kubernetes API that forwards to it. */
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import type { DatabaseTarget } from "../../../../components/route/plan/targets";
import { type ScratchPostgres, startScratchPostgres } from "../../../../scratch/scratch-postgres";
import { type Certificate, CertificateAuthority } from "./relay-certificates";
import { FakeKubernetes, list } from "./fake-kubernetes";

export const NAMESPACE = "databases";
export const SERVER = `sark-rw.${NAMESPACE}.svc`;
export const POD = "sark-1";
export const PODS_PATH = `/api/v1/namespaces/${NAMESPACE}/pods`;
export const AUTHORITY_PATH = `/api/v1/namespaces/${NAMESPACE}/secrets/sark-ca`;

export const TARGET: DatabaseTarget = {
  route: { kind: "port-forward" },
  namespace: NAMESPACE,
  cluster: "sark",
  server: SERVER,
  authority: "sark-ca",
};

export class RoutedPostgres {
  readonly #authorities: CertificateAuthority[] = [];

  private constructor(
    readonly kubernetes: FakeKubernetes,
    readonly postgres: ScratchPostgres,
    readonly authority: CertificateAuthority,
    readonly certificate: Certificate,
  ) {}

  /** @param names names in the certificate, in openssl's notation */
  static async start({
    authority: name = "sark-ca",
    names = [`DNS:${SERVER}`],
  }: { readonly authority?: string; readonly names?: readonly string[] } = {}) {
    const authority = new CertificateAuthority(name);
    const certificate = authority.issue(names);
    const kubernetes = await FakeKubernetes.start();
    const postgres = await startScratchPostgres({
      parameters: {
        ssl: "on",
        ssl_cert_file: certificate.cert,
        ssl_key_file: certificate.key,
      },
    });
    const routed = new RoutedPostgres(kubernetes, postgres, authority, certificate);
    routed.healthy();
    return routed;
  }

  /** Resets the API to a reachable primary. */
  healthy(): void {
    this.kubernetes
      .reset()
      .on(PODS_PATH, list([primary(POD)]))
      .on(AUTHORITY_PATH, secretOf(this.authority))
      .forward(POD, this.postgres);
  }

  /** Makes the server present another certificate, or none. */
  async show(certificate: Certificate | undefined): Promise<void> {
    const { cert, key } = certificate ?? this.certificate;
    const ssl = certificate === undefined ? "off" : "on";
    await this.administer(async (client) => {
      await client.query(`alter system set ssl = ${ssl}`);
      await client.query(`alter system set ssl_cert_file = '${cert}'`);
      await client.query(`alter system set ssl_key_file = '${key}'`);
      await client.query("select pg_reload_conf()");
    });
    const expected = `${ssl} ${cert}`;
    for (let shown = ""; shown !== expected;) {
      await sleep(20);
      shown = await this.administer(async (client) => {
        const { rows } = await client.query<{ ssl: string; cert: string }>(
          "select current_setting('ssl') as ssl, current_setting('ssl_cert_file') as cert",
        );
        return `${String(rows[0]?.ssl)} ${String(rows[0]?.cert)}`;
      });
    }
  }

  /** Another CA, removed with the rest. */
  otherAuthority(): CertificateAuthority {
    const other = new CertificateAuthority("other");
    this.#authorities.push(other);
    return other;
  }

  /** Runs work directly on the server, not through the relay. */
  async administer<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client(this.postgres.connectionString);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    await this.kubernetes.stop();
    await this.postgres.stop();
    for (const authority of [this.authority, ...this.#authorities]) authority.remove();
  }
}

/** A pod as the API lists it. */
export function primary(name: string, ready = true, metadata: object = {}): unknown {
  const labels = { "cnpg.io/cluster": "sark", "cnpg.io/instanceRole": "primary" };
  const conditions = [{ type: "Ready", status: ready ? "True" : "False" }];
  return { metadata: { name, labels, ...metadata }, status: { phase: "Running", conditions } };
}

export function secretOf(authority: CertificateAuthority): { status: number; body: unknown } {
  const data = { "ca.crt": Buffer.from(authority.pem).toString("base64") };
  return { status: 200, body: { kind: "Secret", apiVersion: "v1", metadata: {}, data } };
}
