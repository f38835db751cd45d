import { type BuiltPool, buildPool } from "./built-pool";

let built: BuiltPool;

beforeAll(async () => {
  built = await buildPool();
});

describe("certificates", () => {
  it("of the clusters' authorities are brought in without their keys", () => {
    expect(built.volume("authorities")).toMatchObject({
      projected: {
        sources: [
          { secret: { name: "sark-ca", items: [{ key: "ca.crt", path: "sark.crt" }] } },
          { secret: { name: "sark-audit-ca", items: [{ key: "ca.crt", path: "sark_audit.crt" }] } },
        ],
      },
    });
  });

  it("of the pool are signed by an authority of its own, for the service's names", () => {
    expect(built.object("Certificate", "pgbouncer")).toMatchObject({
      metadata: { annotations: { "pulumi.com/waitFor": "condition=Ready" } },
      spec: {
        secretName: "pgbouncer-tls",
        dnsNames: [
          "pgbouncer",
          "pgbouncer.sark-databases",
          "pgbouncer.sark-databases.svc",
          "pgbouncer.sark-databases.svc.cluster.local",
        ],
        usages: ["digital signature", "server auth"],
        privateKey: { algorithm: "ECDSA", rotationPolicy: "Always" },
        issuerRef: { kind: "Issuer", name: "pgbouncer" },
      },
    });
    expect(built.object("Issuer", "pgbouncer")["spec"]).toEqual({
      ca: { secretName: "pgbouncer-ca" },
    });
    expect(built.object("Certificate", "pgbouncer-ca")["spec"]).toMatchObject({
      isCA: true,
      secretName: "pgbouncer-ca",
      privateKey: { algorithm: "ECDSA", rotationPolicy: "Never" },
      issuerRef: { kind: "Issuer", name: "pgbouncer-root" },
    });
    expect(built.object("Issuer", "pgbouncer-root")["spec"]).toEqual({ selfSigned: {} });
    expect(built.volume("certificate")).toMatchObject({
      secret: {
        secretName: "pgbouncer-tls",
        defaultMode: 0o440,
        items: [
          { key: "tls.crt", path: "tls.crt" },
          { key: "tls.key", path: "tls.key" },
        ],
      },
    });
    expect(built.pool?.authority).toEqual({ secret: "pgbouncer-tls", key: "ca.crt" });
  });

  it("of a server elsewhere need an authority that is given", async () => {
    const { refusal } = await buildPool({ auditHome: "aws" });
    expect(String(refusal)).toMatch(
      /sark_audit: PgBouncer on Kubernetes cannot verify the certificate of a server on aws/,
    );
    const authorities = { sark_audit: { secret: "rds-authorities", key: "bundle.pem" } };
    const mixed = await buildPool({ auditHome: "aws", authorities });
    expect(mixed.volume("authorities")).toMatchObject({
      projected: {
        sources: [
          { secret: { name: "sark-ca" } },
          {
            secret: {
              name: "rds-authorities",
              items: [{ key: "bundle.pem", path: "sark_audit.crt" }],
            },
          },
        ],
      },
    });
  });
});
