/** Fake API objects of a CloudNativePG cluster. */
import type { IClusterStatus } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/ClusterStatus";
import type { Answer } from "../../../route/support/fake-kubernetes";

export const HEALTHY = "Cluster in healthy state";

export function cluster(status: Partial<IClusterStatus> = {}, spec: object = {}): Answer {
  const healthy: IClusterStatus = {
    phase: HEALTHY,
    conditions: [ready(true)],
    instances: 3,
    readyInstances: 3,
    currentPrimary: "sark-1",
    targetPrimary: "sark-1",
    image: "image:1",
  };
  const body = {
    metadata: { name: "sark" },
    spec: { instances: 3, imageName: "image:1", ...spec },
    status: { ...healthy, ...status },
  };
  return { status: 200, body };
}

export function ready(met: boolean) {
  const lastTransitionTime = new Date().toISOString();
  return {
    type: "Ready",
    status: met ? "True" : "False",
    reason: "",
    message: "",
    lastTransitionTime,
  } as const;
}

export function archiving(message: string) {
  return { ...ready(false), type: "ContinuousArchiving", message } as const;
}

export function pod(name: string, status: object = {}, metadata: object = {}): unknown {
  const conditions = [{ type: "Ready", status: "True" }];
  return { metadata: { name, ...metadata }, status: { phase: "Running", conditions, ...status } };
}

export function container(name: string, state: object): object {
  return { name, image: "image:1", imageID: "", ready: false, restartCount: 0, state };
}

/** @param age - in seconds */
export function event(
  kind: string,
  name: string,
  reason: string,
  message: string,
  age: number,
  count = 1,
) {
  const lastTimestamp = new Date(Date.now() - age * 1000).toISOString();
  return { metadata: {}, involvedObject: { kind, name }, reason, message, count, lastTimestamp };
}
