import { list } from "../../../route/support/fake-kubernetes";
import { cluster, container, event, pod } from "./cluster-objects";
import { BY_ITSELF, CLAIMS_PATH, CLUSTER_PATH, EVENTS_PATH, PODS_PATH, Waiting } from "./waiting";

jest.mock("../../../../../components/route/client-library", () =>
  jest.requireActual<object>("../../../route/support/bundled-client-library"),
);

const waiting = new Waiting();

const unready = [{ type: "Ready", status: "False" }];
const unstarted = (reason: string, message = "") =>
  pod("sark-1", {
    phase: "Pending",
    conditions: unready,
    containerStatuses: [container("postgres", { waiting: { reason, message } })],
  });

describe("image problem", () => {
  test.each([
    [
      "InvalidImageName",
      'couldn\'t parse image name "UPPER"',
      "the name of the image is malformed",
    ],
    ["ErrImageNeverPull", "is not present with pull policy of Never", "the name of the image is"],
    ["ErrImagePull", "rpc error: code = NotFound desc = wrong:1: not found", "has no such image"],
    ["ImagePullBackOff", "Back-off: ErrImagePull: 401 Unauthorized", "does not let the cluster"],
    ["ErrImagePull", "dial tcp: i/o timeout", "the node cannot reach the registry"],
    ["ImagePullBackOff", 'Back-off pulling image "wrong:1"', "cannot reach the registry"],
  ])("ends the wait if the image cannot be pulled: %s, %s", async (reason, message, cause) => {
    waiting.kubernetes.on(PODS_PATH, list([unstarted(reason, message)]));
    const text = await waiting.failureMessage();
    expect(text).toContain(BY_ITSELF);
    expect(text).toContain(
      `Pod sark-1: container postgres is waiting: ${reason} (image image:1): `,
    );
    expect(text).toMatch(new RegExp(`Likely cause: .*${cause}`));
    expect(text).toContain("See kubectl --namespace databases describe pod sark-1");
    expect(text).not.toContain("to keep waiting");
  });

  test("does not end the wait if a retry succeeds, and is reported once", async () => {
    let looks = 0;
    waiting.kubernetes
      .on(PODS_PATH, () => {
        const well = ["sark-1", "sark-2", "sark-3"].map((name) => pod(name));
        const reason = looks % 2 === 0 ? "ErrImagePull" : "ImagePullBackOff";
        return list(looks < 10 ? [unstarted(reason, "dial tcp: i/o timeout")] : well);
      })
      .on(CLUSTER_PATH, () => {
        looks += 1;
        return cluster(looks < 10 ? { phase: "Setting up primary", readyInstances: 0 } : {});
      });
    await expect(waiting.waitWithRealMinutes()).resolves.toMatchObject({ id: "databases/sark" });
    expect(waiting.said).toEqual([
      'waiting for cluster sark: phase "Setting up primary"; 0 of 3 servers are ready; ' +
        "Pod sark-1: container postgres cannot pull image image:1; " +
        "likely cause: the node cannot reach the registry, or the registry limits its pulls",
    ]);
  });
});

describe("volume problem", () => {
  const unbound = "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims";
  const claim = { metadata: { name: "sark-1" }, status: { phase: "Pending" } };
  const told = (reason: string, message: string, age = 30) =>
    event("PersistentVolumeClaim", "sark-1", reason, message, age);

  beforeEach(() => {
    const conditions = [
      ...unready,
      { type: "PodScheduled", status: "False", reason: "Unschedulable", message: unbound },
    ];
    waiting.kubernetes
      .on(PODS_PATH, list([pod("sark-1-initdb-x", { phase: "Pending", conditions })]))
      .on(CLAIMS_PATH, list([claim]));
  });

  test.each([
    ["ProvisioningFailed", 'storageclass.storage.k8s.io "fast" not found', "no such StorageClass"],
    [
      "FailedBinding",
      "no persistent volumes available and no storage class is set",
      "StorageClass",
    ],
    ["ProvisioningFailed", "rpc error: code = ResourceExhausted desc = quota", "provider refuses"],
  ])(
    "ends the wait if the volume cannot be provisioned: %s, %s",
    async (reason, message, cause) => {
      // Between failures the provider also reports attempts.
      const trying = told("Provisioning", "External provisioner is provisioning volume", 1);
      waiting.kubernetes.on(EVENTS_PATH, list([told(reason, message), trying]));
      const text = await waiting.failureMessage();
      expect(text).toContain(`${BY_ITSELF}phase "Setting up primary"; 0 of 3 servers`);
      expect(text).toMatch(new RegExp(`Volume claim sark-1 is Pending. Likely cause: .*${cause}`));
      expect(text).toContain("See kubectl --namespace databases describe pvc sark-1");
      expect(text).toContain(`: ${reason}: `);
    },
  );

  test("does not end the wait while the volume is being provisioned", async () => {
    let looks = 0;
    waiting.kubernetes.on(
      EVENTS_PATH,
      list([told("ExternalProvisioning", "Waiting for a volume")]),
    );
    waiting.kubernetes.on(CLUSTER_PATH, () => {
      looks += 1;
      return cluster(looks < 20 ? { readyInstances: 0 } : {});
    });
    await expect(waiting.waitBriefly()).resolves.toMatchObject({ id: "databases/sark" });
    expect(waiting.said).toEqual([
      `waiting for cluster sark: 0 of 3 servers are ready; Pod sark-1-initdb-x cannot be scheduled (Unschedulable): ${unbound}`,
    ]);
  });
});
