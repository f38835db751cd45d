import type { types } from "@pulumi/kubernetes";

type PodSpec = types.input.core.v1.PodSpec;
type Container = types.input.core.v1.Container;

/**
 * User and group of every process that this project starts on Kubernetes. Above 10,000, so that it is nobody on the
 * node (CKV_K8S_40).
 */
export const USER = 10_001;

/**
 * The Pod Security standard `restricted`, and what the NSA's guidance adds to it: no user of the node, no token of the
 * API, nothing shared with the node. Each pod of this project spreads it first.
 */
export const RESTRICTED_POD = {
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  hostIPC: false,
  hostNetwork: false,
  hostPID: false,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: USER,
    runAsGroup: USER,
    fsGroup: USER,
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  },
} as const satisfies Partial<PodSpec>;

/** The same for each container: nothing to gain, nothing to write to but its volumes. */
export const RESTRICTED_CONTAINER = {
  imagePullPolicy: "Always",
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    privileged: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    runAsUser: USER,
    runAsGroup: USER,
    seccompProfile: { type: "RuntimeDefault" },
  },
} as const satisfies Partial<Container>;
