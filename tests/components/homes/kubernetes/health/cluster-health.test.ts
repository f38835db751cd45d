import type { IClusterStatus } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/ClusterStatus";
import {
  type ClusterHealthInputs,
  clusterHealth,
} from "../../../../../components/homes/kubernetes/health/provider-cluster-health";
import { provider } from "../../../../../components/resources/providers";
import { freePort } from "../../../../../components/homes/local/processes/ports";
import { FakeKubernetes, failure, list } from "../../../route/support/fake-kubernetes";
import { HEALTHY, archiving, cluster, container, event, pod, ready } from "./cluster-objects";

jest.mock("../../../../../components/route/client-library", () =>
  jest.requireActual<object>("../../../route/support/bundled-client-library"),
);

const NAMESPACE = "databases";
const CLUSTER_PATH = `/apis/postgresql.cnpg.io/v1/namespaces/${NAMESPACE}/clusters/sark`;
const PODS_PATH = `/api/v1/namespaces/${NAMESPACE}/pods`;
const CLAIMS_PATH = `/api/v1/namespaces/${NAMESPACE}/persistentvolumeclaims`;
const EVENTS_PATH = `/api/v1/namespaces/${NAMESPACE}/events`;

const INPUTS: ClusterHealthInputs = {
  namespace: NAMESPACE,
  cluster: "sark",
  instances: 3,
  spec: "a hash",
  timeoutMinutes: 0.01,
};
/** Timeout for waits that succeed, even on a busy machine. */
const PATIENT = { timeoutMinutes: 1 };
/** Polls every 20 ms, with other times in proportion. */
const PATIENCE = { interval: 20, settle: 250, minute: 250 };

let kubernetes: FakeKubernetes;

beforeAll(async () => {
  kubernetes = await FakeKubernetes.start();
});

beforeEach(() => {
  jest.spyOn(console, "error").mockImplementation(() => undefined);
  process.env["KUBECONFIG"] = kubernetes.kubeconfig;
  kubernetes
    .reset()
    .on(CLUSTER_PATH, cluster())
    .on(PODS_PATH, list(["sark-1", "sark-2", "sark-3"].map((name) => pod(name))))
    .on(CLAIMS_PATH, list([]))
    .on(EVENTS_PATH, list([]))
    .on(`/api/v1/namespaces/${NAMESPACE}`, { status: 200, body: { metadata: {} } });
});

afterEach(() => {
  jest.restoreAllMocks();
});

afterAll(async () => {
  delete process.env["KUBECONFIG"];
  await kubernetes.stop();
});

function create(inputs: Partial<ClusterHealthInputs> = {}): Promise<{ id: string }> {
  return clusterHealth(PATIENCE).create({ ...INPUTS, ...inputs });
}

/** Returns the error of a failed wait. */
async function complaint(inputs: Partial<ClusterHealthInputs> = {}): Promise<string> {
  try {
    await create(inputs);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("it was taken for healthy");
}

describe("cluster health wait", () => {
  test("ends when the cluster has stayed healthy", async () => {
    const began = Date.now();
    expect(await create()).toMatchObject({ id: "databases/sark", outs: INPUTS });
    expect(Date.now() - began).toBeGreaterThanOrEqual(PATIENCE.settle);
  });

  test("does not trust a healthy phase from before the operator saw the change", async () => {
    const phases = [HEALTHY, HEALTHY, "Upgrading cluster", "Upgrading cluster", HEALTHY];
    let looks = 0;
    kubernetes.on(CLUSTER_PATH, () => {
      const phase = phases[looks++] ?? HEALTHY;
      return cluster({ phase, conditions: [ready(phase === HEALTHY)] });
    });
    await clusterHealth(PATIENCE).update?.("databases/sark", INPUTS, {
      ...INPUTS,
      ...PATIENT,
      spec: "other",
    });
    expect(looks).toBeGreaterThan(phases.length);
  });

  test("continues until inherited metadata has reached the servers", async () => {
    const spec = { inheritedMetadata: { annotations: { "a-hash": "2" } } };
    let looks = 0;
    kubernetes.on(CLUSTER_PATH, cluster({}, spec)).on(PODS_PATH, () => {
      looks += 1;
      return list([pod("sark-1", {}, { annotations: { "a-hash": looks < 10 ? "1" : "2" } })]);
    });
    await create(PATIENT);
    expect(looks).toBeGreaterThanOrEqual(10);
  });

  test("requests server pods only", async () => {
    await create();
    expect(kubernetes.requests).toContain(
      `${PODS_PATH}?labelSelector=cnpg.io/cluster=sark,cnpg.io/podRole=instance`,
    );
  });

  test("continues after a brief API outage", async () => {
    let looks = 0;
    kubernetes.on(CLUSTER_PATH, () => ((looks += 1) < 4 ? failure(503, "away") : cluster()));
    await expect(create(PATIENT)).resolves.toBeDefined();
  });

  test("restarts the healthy time after an API outage", async () => {
    let first: number | undefined;
    kubernetes.on(CLUSTER_PATH, () => {
      const age = Date.now() - (first ??= Date.now());
      return age > 0 && age < 400 ? failure(503, "away") : cluster();
    });
    await clusterHealth({ ...PATIENCE, minute: 5_000 }).create({ ...INPUTS, ...PATIENT });
    expect(Date.now() - (first ?? 0)).toBeGreaterThanOrEqual(400 + PATIENCE.settle);
  });

  test.each<[string, Partial<IClusterStatus>, string]>([
    ["fewer servers", { readyInstances: 2 }, "2 of 3 servers are ready"],
    ["more servers", { instances: 4 }, "it has 4 servers instead of 3"],
    ["a change of primary", { targetPrimary: "sark-2" }, "sark-2 is taking over from sark-1"],
    ["no primary", { currentPrimary: "", targetPrimary: "" }, "no primary"],
    ["another image", { image: "old:1" }, "the operator has not applied image image:1"],
    [
      "a condition that is not met",
      { conditions: [ready(false)] },
      "the operator does not report it ready",
    ],
    [
      "a failing archive",
      { conditions: [ready(true), archiving("AccessDenied")] },
      "WAL archiving fails: AccessDenied",
    ],
    [
      "another phase",
      { phase: "Creating a new replica", phaseReason: "Creating replica sark-2-join" },
      'phase "Creating a new replica" (Creating replica sark-2-join)',
    ],
  ])("does not end for a healthy phase with %s", async (_, status, expected) => {
    const plugins = [{ name: "barman-cloud.cloudnative-pg.io", isWALArchiver: true }];
    kubernetes.on(CLUSTER_PATH, cluster(status, { plugins }));
    expect(await complaint()).toContain(
      `cluster sark in namespace databases is not healthy after 0.01 minutes: ${expected}`,
    );
  });

  test("ignores archiving errors without an archiving plugin", async () => {
    kubernetes.on(CLUSTER_PATH, cluster({ conditions: [ready(true), archiving("old")] }));
    await expect(create(PATIENT)).resolves.toBeDefined();
  });

  test("ends early for a cluster that waits for user action", async () => {
    const phaseReason = "User must issue a supervised switchover";
    kubernetes.on(CLUSTER_PATH, cluster({ phase: "Waiting for user action", phaseReason }));
    expect(await complaint({ timeoutMinutes: 30 })).toMatch(
      /will not recover by itself: .*"Waiting for user action" \(User must issue/,
    );
  });
});

describe("cluster health error", () => {
  beforeEach(() => {
    kubernetes.on(CLUSTER_PATH, cluster({ phase: "Setting up primary", readyInstances: 0 }));
  });

  test("names the unavailable image, and the event", async () => {
    const waiting = { reason: "ImagePullBackOff", message: 'Back-off pulling image "wrong:1"' };
    const initdb = pod("sark-1-initdb-x", {
      phase: "Pending",
      conditions: [{ type: "Ready", status: "False" }],
      containerStatuses: [container("initdb", { waiting })],
    });
    kubernetes
      .on(PODS_PATH, list([pod("sark-2"), initdb]))
      .on(
        EVENTS_PATH,
        list([
          event("Pod", "sark-1-initdb-x", "Scheduled", "assigned to a node", 600),
          event("Pod", "sark-1-initdb-x", "Failed", "Failed to pull image: not found.", 180, 7),
          event("Pod", "sark-2", "Killing", "of another pod", 1),
        ]),
      );
    const text = await complaint();
    expect(text).toContain(
      'Pod sark-1-initdb-x: container initdb is waiting: ImagePullBackOff (image image:1): Back-off pulling image "wrong:1". ',
    );
    expect(text).toContain("See kubectl --namespace databases describe pod sark-1-initdb-x. ");
    expect(text).toContain(
      "Last event of Pod sark-1-initdb-x, 3 minutes ago (7 times): Failed: Failed to pull image: not found. ",
    );
    expect(text).toContain("sark-databases:kubernetes.readyMinutes sets the timeout");
  });

  test("quotes the scheduler's message", async () => {
    const message = "0/3 nodes are available: 3 Insufficient memory.";
    const conditions = [
      { type: "PodScheduled", status: "False", reason: "Unschedulable", message },
      { type: "Ready", status: "False" },
    ];
    kubernetes.on(PODS_PATH, list([pod("sark-1", { phase: "Pending", conditions })]));
    expect(await complaint()).toContain(
      "Pod sark-1 cannot be scheduled (Unschedulable): 0/3 nodes are available: 3 Insufficient memory. ",
    );
  });

  test("names a crash-looping container and its exit code", async () => {
    const state = { waiting: { reason: "CrashLoopBackOff" } };
    const lastState = { terminated: { exitCode: 137, reason: "OOMKilled" } };
    const conditions = [{ type: "Ready", status: "False" }];
    const containerStatuses = [{ ...container("postgres", state), lastState }];
    kubernetes.on(PODS_PATH, list([pod("sark-1", { conditions, containerStatuses })]));
    expect(await complaint()).toContain(
      "Pod sark-1: container postgres is waiting: CrashLoopBackOff (image image:1); before that it exited with code 137 (OOMKilled)",
    );
  });

  test("names the failing pod before a waiting one, and no pooler", async () => {
    const unready = { conditions: [{ type: "Ready", status: "False" }] };
    const waiting = { reason: "CreateContainerConfigError", message: "secret not found" };
    kubernetes.on(
      PODS_PATH,
      list([
        pod("pooler-1", unready, { labels: { "cnpg.io/podRole": "pooler" } }),
        pod("sark-1", unready),
        pod("sark-2", { ...unready, containerStatuses: [container("postgres", { waiting })] }),
      ]),
    );
    expect(await complaint()).toContain(
      "Pod sark-2: container postgres is waiting: CreateContainer",
    );
    kubernetes.on(
      PODS_PATH,
      list([pod("pooler-1", unready, { labels: { "cnpg.io/podRole": "pooler" } })]),
    );
    expect(await complaint()).not.toContain("pooler-1");
  });

  test("names a pod that runs but is not ready", async () => {
    const conditions = [{ type: "Ready", status: "False" }];
    const containerStatuses = [container("postgres", { running: {} })];
    kubernetes.on(PODS_PATH, list([pod("sark-1", { conditions, containerStatuses })]));
    expect(await complaint()).toContain("Pod sark-1 is Running but not ready. ");
  });

  test("names a pending volume claim", async () => {
    const claim = { metadata: { name: "sark-1" }, status: { phase: "Pending" } };
    const text = 'storageclass.storage.k8s.io "fast" not found';
    kubernetes
      .on(PODS_PATH, list([]))
      .on(CLAIMS_PATH, list([claim]))
      .on(
        EVENTS_PATH,
        list([event("PersistentVolumeClaim", "sark-1", "ProvisioningFailed", text, 30)]),
      );
    const words = await complaint();
    expect(words).toContain("Volume claim sark-1 is Pending. ");
    expect(words).toMatch(
      /3\d seconds ago: ProvisioningFailed: storageclass\.storage\.k8s\.io "fast"/,
    );
  });

  test("names a job whose pod cannot be created", async () => {
    kubernetes
      .on(PODS_PATH, list([]))
      .on(
        EVENTS_PATH,
        list([
          event("Job", "sark-audit-1-initdb", "Completed", "Job completed", 1),
          event("Job", "sark-vacuum-29924330", "Completed", "Job completed", 1),
          event("Job", "sark-1-initdb", "FailedCreate", "exceeded quota", 5),
        ]),
      );
    expect(await complaint()).toMatch(
      /Last event of Job sark-1-initdb, \d seconds ago: FailedCreate: exceeded quota/,
    );
  });

  test("names missing permissions after the findings", async () => {
    const conditions = [{ type: "Ready", status: "False" }];
    kubernetes
      .on(PODS_PATH, list([pod("sark-1", { conditions })]))
      .on(EVENTS_PATH, failure(403, "events is forbidden"));
    expect(await complaint()).toMatch(
      /Pod sark-1 is Running but not ready\. .*Further diagnosis failed: .*.*the permission list on events/,
    );
    kubernetes.on(CLAIMS_PATH, failure(403, "persistentvolumeclaims is forbidden"));
    expect(await complaint()).toContain("Pod sark-1 is Running but not ready. ");
    kubernetes.on(PODS_PATH, list([]));
    expect(await complaint()).toContain("the permission list on persistentvolumeclaims");
  });
});

describe("cluster health wait ends early", () => {
  const long = { timeoutMinutes: 30 };

  test("without the operator", async () => {
    kubernetes.on(CLUSTER_PATH, { status: 404, body: "404 page not found\n" });
    expect(await complaint(long)).toMatch(
      /CloudNativePG is not installed .*sark-databases:kubernetes\.operators\.cloudnativePg/,
    );
  });

  test("without the cluster", async () => {
    kubernetes.on(CLUSTER_PATH, failure(404, 'clusters.postgresql.cnpg.io "sark" not found'));
    expect(await complaint(long)).toContain(
      "CloudNativePG cluster sark in namespace databases not found at",
    );
    kubernetes.on(
      `/api/v1/namespaces/${NAMESPACE}`,
      failure(404, 'namespaces "databases" not found'),
    );
    expect(await complaint(long)).toContain("namespace databases not found at");
  });

  test("without a permission", async () => {
    kubernetes.on(CLUSTER_PATH, failure(403, 'clusters.postgresql.cnpg.io "sark" is forbidden'));
    expect(await complaint(long)).toContain(
      "the permission get on clusters.postgresql.cnpg.io in namespace databases",
    );
  });

  test("after a lasting API outage", async () => {
    kubernetes.on(
      CLUSTER_PATH,
      failure(503, "the server is currently unable to handle the request"),
    );
    const began = Date.now();
    expect(await complaint(long)).toContain("503, the server is currently unable");
    expect(Date.now() - began).toBeGreaterThanOrEqual(PATIENCE.minute);
  });

  test("without the kubeconfig context", async () => {
    expect(await complaint({ context: "production" })).toContain("has no context production");
    process.env["KUBECONFIG"] = `/nowhere/${await freePort()}`;
    expect(await complaint()).toContain("the kubeconfig cannot be read");
  });
});

describe("cluster health change", () => {
  const health = provider("kubernetes:ClusterHealth");
  const changed = async (news: Partial<ClusterHealthInputs>) =>
    health.diff?.("databases/sark", { ...INPUTS, __provider: "old" }, { ...INPUTS, ...news });

  test("of no input is no change", async () => {
    expect(await changed({})).toEqual({ changes: false, replaces: [] });
  });

  test.each<Partial<ClusterHealthInputs>>([
    { spec: "other" },
    { instances: 1 },
    { timeoutMinutes: 5 },
    { context: "other" },
  ])("to %j starts another wait", async (news) => {
    expect(await changed(news)).toEqual({ changes: true, replaces: [] });
  });

  test.each<[string, Partial<ClusterHealthInputs>]>([
    ["cluster", { cluster: "sark-2" }],
    ["namespace", { namespace: "other" }],
  ])("of %s replaces the resource", async (name, news) => {
    expect(await changed(news)).toEqual({ changes: true, replaces: [name] });
  });

  test("by deletion sends no API request", async () => {
    await health.delete?.("databases/sark", INPUTS);
    expect(kubernetes.requests).toEqual([]);
  });
});
