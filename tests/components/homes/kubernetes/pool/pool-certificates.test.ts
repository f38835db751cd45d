import { rdsAuthorities } from "../../../../../components/homes/aws/database/plan/rds-authorities";
import { AWS } from "../../../../support/aws-settings";
import { type BuiltPool, buildPool } from "./built-pool";

let built: BuiltPool;

beforeAll(async () => {
  built = await buildPool();
});

describe("PgBouncer pod certificates", () => {
  it("of the clusters' CAs are mounted without their keys", () => {
    expect(built.volume("authorities")).toMatchObject({
      projected: {
        sources: [
          { secret: { name: "sark-ca", items: [{ key: "ca.crt", path: "sark.crt" }] } },
          { secret: { name: "sark-audit-ca", items: [{ key: "ca.crt", path: "sark_audit.crt" }] } },
        ],
      },
    });
  });

  it("of the pool are signed by its own CA, for the Service's names", () => {
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

  it("for a server on RDS are Amazon's for its region", async () => {
    const mixed = await buildPool({ sarkHome: "aws", changes: AWS });
    const map = mixed.registered.find(({ name }) => name === "platform-rds-authorities");
    const { name } = map?.inputs["metadata"] as { name: string };
    expect(name).toMatch(/^rds-authorities-[0-9a-f]{10}$/);
    expect(mixed.volume("authorities")).toMatchObject({
      projected: {
        sources: [
          { configMap: { name, items: [{ key: "ca.crt", path: "sark.crt" }] } },
          { secret: { name: "sark-audit-ca" } },
        ],
      },
    });
    expect(map?.inputs).toMatchObject({
      immutable: true,
      data: { "ca.crt": rdsAuthorities(["eu-central-1"]) },
    });
  });

  it("for a server without a known CA are refused", async () => {
    const { refusal } = await buildPool({ auditHome: "local" });
    expect(String(refusal)).toMatch(
      /sark_audit: pods on Kubernetes cannot verify the certificate of a server on local/,
    );
  });
});
