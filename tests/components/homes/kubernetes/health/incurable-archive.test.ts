import { list } from "../../../route/support/fake-kubernetes";
import { archiving, cluster, pod, ready } from "./cluster-objects";
import { BY_ITSELF, CLUSTER_PATH, PODS_PATH, Waiting } from "./waiting";

const ARCHIVED = { plugins: [{ name: "barman-cloud.cloudnative-pg.io", isWALArchiver: true }] };

jest.mock("../../../../../components/route/client-library", () =>
  jest.requireActual<object>("../../../route/support/bundled-client-library"),
);

const waiting = new Waiting();

describe("archiving error", () => {
  const refuse = (message: string) =>
    waiting.kubernetes.on(
      CLUSTER_PATH,
      cluster({ conditions: [ready(true), archiving(message)] }, ARCHIVED),
    );
  const failed = "unexpected failure invoking barman-cloud-wal-archive";

  test("of a folder with another cluster's archive ends the wait with the cause and the log", async () => {
    refuse(`rpc error: code = Unknown desc = ${failed}: exit status 1`);
    expect(await waiting.failureMessage()).toBe(
      `${BY_ITSELF}WAL archiving fails: ${failed}: exit status 1. ` +
        "Likely cause: the folder of this cluster in the bucket already holds the archive of another cluster. " +
        "Set another folder in sark-databases:backups.bucket.path, or empty this one if nobody needs it. " +
        "Log: kubectl --namespace databases logs sark-1 --container plugin-barman-cloud",
    );
    expect(waiting.said).toEqual([
      `waiting for cluster sark: WAL archiving fails: ${failed}: exit status 1; ` +
        "likely cause: the folder of this cluster in the bucket already holds the archive of another cluster",
    ]);
  });

  test.each([
    ["WAL archive check failed for server sark: Expected empty archive", "archive of another"],
    [`${failed}: exit status 4`, "wrong keys, a role without permission, or a bucket that does"],
    ["An error occurred (AccessDenied) when calling the PutObject operation", "wrong keys, a role"],
    ["An error occurred (403) when calling the HeadBucket operation: Forbidden", "wrong keys"],
    ["An error occurred (NoSuchBucket): The specified bucket does not exist", "wrong keys"],
    ["Unable to locate credentials", "wrong keys"],
    [`${failed}: exit status 2`, "the pods cannot reach the storage"],
    [
      'Could not connect to the endpoint URL: "https://s3.example.com/b"',
      "cannot reach the storage",
    ],
  ])("%s ends the wait", async (message, cause) => {
    refuse(message);
    const text = await waiting.failureMessage();
    expect(text).toContain(BY_ITSELF);
    expect(text).toMatch(new RegExp(`Likely cause: .*${cause}`));
    expect(text).toContain("logs sark-1 --container plugin-barman-cloud");
  });

  test("does not end the wait before PostgreSQL has retried", async () => {
    let looks = 0;
    waiting.kubernetes
      .on(PODS_PATH, list(["sark-1", "sark-2", "sark-3"].map((name) => pod(name))))
      .on(CLUSTER_PATH, () => {
        const conditions = [ready(true), archiving(`${failed}: exit status 1`)];
        return cluster((looks += 1) < 10 ? { conditions } : {}, ARCHIVED);
      });
    await expect(waiting.waitWithRealMinutes()).resolves.toMatchObject({ id: "databases/sark" });
    expect(looks).toBeGreaterThan(10);
  });
});
