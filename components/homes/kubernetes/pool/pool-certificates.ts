import { Certificate } from "@kubernetes-models/cert-manager/cert-manager.io/v1/Certificate";
import { Issuer } from "@kubernetes-models/cert-manager/cert-manager.io/v1/Issuer";
import type * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { POOL_AUTHORITY, POOL_NAME, serviceHost } from "../plan/cluster-names";
import { metadata as metadataOf } from "../labels";
import { customResource } from "../custom-resource";

/** Secret of PgBouncer's certificate: `tls.crt` and `tls.key`, and its CA as `ca.crt`. */
export const CERTIFICATE_SECRET = `${POOL_NAME}-tls`;

const ROOT = `${POOL_NAME}-root`;

/** Makes Pulumi wait until cert-manager is done, so that errors appear on the certificate, not on a pod. */
const WAIT_FOR_READY = { "pulumi.com/waitFor": "condition=Ready" };

/**
 * Creates PgBouncer's certificate with cert-manager: the pool's own CA, and a certificate that it signs and renews.
 *
 * The CA keeps its key on renewal, so that clients with the old CA certificate still trust what it signs. PgBouncer's
 * own key changes with each certificate.
 * @returns PgBouncer's certificate
 */
export function poolCertificate(
  name: string,
  namespace: string,
  opts: pulumi.CustomResourceOptions,
): kubernetes.apiextensions.CustomResource {
  const metadata = (object: string) => metadataOf("pgbouncer", namespace, object, POOL_NAME);
  const after = (before: pulumi.Resource) => pulumi.mergeOptions(opts, { dependsOn: before });
  const root = customResource(
    `${name}-root-issuer`,
    new Issuer({ metadata: metadata(ROOT), spec: { selfSigned: {} } }),
    opts,
  );
  const authority = customResource(
    `${name}-authority`,
    new Certificate({
      metadata: { ...metadata(POOL_AUTHORITY), annotations: WAIT_FOR_READY },
      spec: {
        isCA: true,
        commonName: `${POOL_NAME}.${namespace}`.slice(0, 64),
        secretName: POOL_AUTHORITY,
        // 10 years, since clients hold this certificate.
        duration: "87600h",
        renewBefore: "8760h",
        privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Never" },
        revisionHistoryLimit: 1,
        issuerRef: { group: "cert-manager.io", kind: "Issuer", name: ROOT },
      },
    }),
    after(root),
  );
  const issuer = customResource(
    `${name}-issuer`,
    new Issuer({ metadata: metadata(POOL_NAME), spec: { ca: { secretName: POOL_AUTHORITY } } }),
    after(authority),
  );
  return customResource(
    `${name}-certificate`,
    new Certificate({
      metadata: { ...metadata(POOL_NAME), annotations: WAIT_FOR_READY },
      spec: {
        secretName: CERTIFICATE_SECRET,
        dnsNames: serviceNames(namespace),
        // 90 days, renewed a month before expiry; PgBouncer reloads it without a restart.
        duration: "2160h",
        renewBefore: "720h",
        privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
        usages: ["digital signature", "server auth"],
        revisionHistoryLimit: 1,
        issuerRef: { group: "cert-manager.io", kind: "Issuer", name: POOL_NAME },
      },
    }),
    after(issuer),
  );
}

/** DNS names of the pool, for the same namespace and for others. */
function serviceNames(namespace: string): string[] {
  const host = serviceHost(POOL_NAME, namespace);
  return [POOL_NAME, `${POOL_NAME}.${namespace}`, host, `${host}.cluster.local`];
}
