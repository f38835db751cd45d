/** Waits for a cluster of a fake Kubernetes API. */
import {
  type ClusterHealthInputs,
  clusterHealth,
} from "../../../../../components/homes/kubernetes/health/provider-cluster-health";
import { FakeKubernetes, list } from "../../../route/support/fake-kubernetes";
import { cluster } from "./cluster-objects";

const NAMESPACE = "databases";
export const CLUSTER_PATH = `/apis/postgresql.cnpg.io/v1/namespaces/${NAMESPACE}/clusters/sark`;
export const PODS_PATH = `/api/v1/namespaces/${NAMESPACE}/pods`;
export const CLAIMS_PATH = `/api/v1/namespaces/${NAMESPACE}/persistentvolumeclaims`;
export const EVENTS_PATH = `/api/v1/namespaces/${NAMESPACE}/events`;
export const BY_ITSELF =
  "cluster sark in namespace databases is unhealthy and will not recover by itself: ";

const INPUTS: ClusterHealthInputs = {
  namespace: NAMESPACE,
  cluster: "sark",
  instances: 3,
  spec: "a hash",
  timeoutMinutes: 30,
};

/** Polls every 10 ms, with minutes of 20 ms. */
const HASTE = { interval: 10, settle: 20, minute: 20 };

export class Waiting {
  /** Progress messages of the wait. */
  readonly said: string[] = [];
  #kubernetes: FakeKubernetes | undefined;

  /** Shared by all tests of a file, with a fresh cluster for each. */
  constructor() {
    beforeAll(async () => {
      this.#kubernetes = await FakeKubernetes.start();
    });
    beforeEach(() => {
      this.reset();
    });
    afterEach(() => {
      jest.restoreAllMocks();
    });
    afterAll(async () => {
      delete process.env["KUBECONFIG"];
      await this.kubernetes.stop();
    });
  }

  get kubernetes(): FakeKubernetes {
    if (this.#kubernetes === undefined) throw new Error("no test has begun");
    return this.#kubernetes;
  }

  /** Resets to a cluster whose operator has begun with the first server. */
  reset(): void {
    this.said.length = 0;
    jest.spyOn(console, "error").mockImplementation((line: string) => void this.said.push(line));
    process.env["KUBECONFIG"] = this.kubernetes.kubeconfig;
    this.kubernetes
      .reset()
      .on(CLUSTER_PATH, cluster({ phase: "Setting up primary", readyInstances: 0 }))
      .on(PODS_PATH, list([]))
      .on(CLAIMS_PATH, list([]))
      .on(EVENTS_PATH, list([]));
  }

  /** Returns the error of the wait. */
  async failureMessage(): Promise<string> {
    const error = await this.waitBriefly().then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
    if (error === undefined) throw new Error("it was taken for healthy");
    return error.message;
  }

  waitBriefly(): Promise<unknown> {
    return clusterHealth(HASTE).create(INPUTS);
  }

  /** Uses real minutes, so that brief trouble at the start does not end the wait. */
  waitWithRealMinutes(): Promise<unknown> {
    return clusterHealth({ ...HASTE, minute: 60_000 }).create(INPUTS);
  }
}
