import { list } from "../../../route/support/fake-kubernetes";
import { cluster, container, event, pod } from "./cluster-objects";
import { CLUSTER_PATH, EVENTS_PATH, PODS_PATH, Waiting } from "./waiting";

jest.mock("../../../../../components/route/client-library", () =>
  jest.requireActual<object>("../../../route/support/bundled-client-library"),
);

const waiting = new Waiting();

const unready = [{ type: "Ready", status: "False" }];

describe("cluster health wait", () => {
  test("ends for a crash-looping container, with its log", async () => {
    const lastState = { terminated: { exitCode: 1, reason: "Error" } };
    const statuses = [
      { ...container("postgres", { waiting: { reason: "CrashLoopBackOff" } }), lastState },
      { ...container("postgres", { running: {} }), lastState },
    ];
    let looks = 0;
    waiting.kubernetes.on(PODS_PATH, () => {
      const containerStatuses = [statuses[(looks += 1) % 2]];
      return list([pod("sark-1", { conditions: unready, containerStatuses })]);
    });
    const text = await waiting.failureMessage();
    expect(text).toContain("Likely cause: the program in the container fails");
    expect(text).toContain(
      "Log: kubectl --namespace databases logs sark-1 --container postgres --previous",
    );
    expect(waiting.said).toHaveLength(1);
  });

  test("treats a job's recreated pods as one problem", async () => {
    let looks = 0;
    waiting.kubernetes.on(PODS_PATH, () => {
      const labels = { "batch.kubernetes.io/job-name": "sark-1-initdb" };
      const terminated = { exitCode: 1, reason: "Error" };
      const containerStatuses = [container("initdb", { terminated })];
      const status = { phase: "Failed", conditions: unready, containerStatuses };
      return list([pod(`sark-1-initdb-${(looks += 1)}`, status, { labels })]);
    });
    expect(await waiting.failureMessage()).toMatch(
      /Pod sark-1-initdb-\d+: container initdb exited with code 1 \(Error\)\. Likely cause: the program/,
    );
    expect(waiting.said).toEqual([
      expect.stringContaining("Job sark-1-initdb: container initdb exited"),
    ]);
  });

  test("ends for a quota that blocks the pod", async () => {
    const message = "pods is forbidden: exceeded quota";
    waiting.kubernetes.on(
      EVENTS_PATH,
      list([event("Job", "sark-1-initdb", "FailedCreate", message, 5)]),
    );
    expect(await waiting.failureMessage()).toMatch(
      /Job sark-1-initdb has no pod\. Likely cause: a quota or an admission policy .*exceeded quota/,
    );
  });

  test.each([
    ["Cluster is unrecoverable and needs manual intervention", "needs a manual decision"],
    [
      "Cluster cannot proceed to reconciliation due to an unknown plugin being required",
      "the Barman Cloud plugin is not installed",
    ],
    ["Not enough disk space", "a server's volume is full"],
    ["Unable to create required cluster objects", "rejects the cluster spec"],
  ])("ends for phase %s", async (phase, cause) => {
    waiting.kubernetes.on(CLUSTER_PATH, cluster({ phase }));
    expect(await waiting.failureMessage()).toMatch(new RegExp(`by itself: phase .*${cause}`));
  });
});

test("cluster health wait reports what is missing once per change", async () => {
  const states = [
    cluster({ phase: "Setting up primary", readyInstances: 0 }),
    cluster({ phase: "Setting up primary", readyInstances: 0 }),
    cluster({ phase: "Creating a new replica", readyInstances: 1 }),
    cluster({ readyInstances: 2 }),
    cluster({ readyInstances: 2 }),
    cluster({ readyInstances: 1 }),
    cluster({ readyInstances: 2 }),
  ];
  let looks = 0;
  waiting.kubernetes.on(CLUSTER_PATH, () => states[looks++] ?? cluster());
  await waiting.waitWithRealMinutes();
  expect(waiting.said).toEqual([
    'waiting for cluster sark: phase "Setting up primary"; 0 of 3 servers are ready',
    'waiting for cluster sark: phase "Creating a new replica"; 1 of 3 servers are ready',
    "waiting for cluster sark: 2 of 3 servers are ready",
    "waiting for cluster sark: 1 of 3 servers are ready",
    "waiting for cluster sark: 2 of 3 servers are ready",
  ]);
});
