import type { types } from "@pulumi/kubernetes";

type PodSpec = types.input.core.v1.PodSpec;
type Container = types.input.core.v1.Container;

/**
 * User and group of every process that this project runs on Kubernetes. Above 10,000, so that it matches no user of the
 * node (CKV_K8S_40).
 */
export const CONTAINER_USER = 10_001;

/**
 * Pod fields for the Pod Security standard `restricted` plus the NSA's guidance: no node user, no API token, no
 * namespaces shared with the node. Every pod of this project spreads it first.
 */
export const RESTRICTED_POD = {
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  hostIPC: false,
  hostNetwork: false,
  hostPID: false,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: CONTAINER_USER,
    runAsGroup: CONTAINER_USER,
    fsGroup: CONTAINER_USER,
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  },
} as const satisfies Partial<PodSpec>;

/** Container fields for the same standard: no extra privileges, and no writable path except the volumes. */
export const RESTRICTED_CONTAINER = {
  imagePullPolicy: "Always",
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    privileged: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    runAsUser: CONTAINER_USER,
    runAsGroup: CONTAINER_USER,
    seccompProfile: { type: "RuntimeDefault" },
  },
} as const satisfies Partial<Container>;
