/** Tests that a cluster with a name without g keeps it: a preview refuses to replace it by a renamed one. */
import {
  type ClusterHealthInputs,
  clusterHealthProvider,
} from "../../../../../components/homes/kubernetes/health/provider-cluster-health";

function health(cluster: string, oldNames?: number): ClusterHealthInputs {
  return {
    namespace: "databases",
    cluster,
    instances: 1,
    spec: "a hash",
    timeoutMinutes: 30,
    ...(oldNames === undefined ? {} : { oldNames }),
  };
}

/** Returns the refusals of a preview of the change. */
async function refusals(
  olds: Partial<ClusterHealthInputs>,
  news: ClusterHealthInputs,
): Promise<readonly string[]> {
  const checked = await clusterHealthProvider.check?.(olds as ClusterHealthInputs, news);
  expect(checked?.inputs).toEqual(news);
  return (checked?.failures ?? []).map(({ reason }) => reason);
}

it("preview tells how to keep the name of cluster sark-2", async () => {
  expect(await refusals(health("sark-2"), health("sark-g2"))).toEqual([
    "sark-databases:sark.recovery.oldNames: got nothing; allowed: at least 2; cluster sark-2 has a name of " +
      "the old form and would be replaced by sark-g2, losing everything written since the recovery; add " +
      "`oldNames: 2` below `recovery` of sark-databases:sark in Pulumi.<stack>.yaml",
  ]);
});

it.each([
  [
    "the next generation",
    health("sark-2"),
    health("sark-g3"),
    "sark.recovery.oldNames: got nothing; allowed: at least 2",
  ],
  [
    "the audit database",
    health("sark-audit-2"),
    health("sark-audit-g2"),
    "audit.recovery.oldNames: got nothing",
  ],
  [
    "several old generations",
    health("sark-3"),
    health("sark-g4", 2),
    "sark.recovery.oldNames: got 2; allowed: at least 3",
  ],
  ["a number of several digits", health("sark-12"), health("sark-g12"), "allowed: at least 12"],
])("preview refuses a new name without oldNames for %s", async (_what, olds, news, text) => {
  const [refusal, ...more] = await refusals(olds, news);
  expect(more).toEqual([]);
  expect(refusal).toContain(text);
});

it.each([
  ["a new stack", {}, health("sark-g2")],
  ["a first recovery", health("sark"), health("sark-g2")],
  ["a cluster that keeps its old name", health("sark-2"), health("sark-2", 2)],
  ["the next generation of one that keeps it", health("sark-2", 2), health("sark-g3", 2)],
  ["the generation after that", health("sark-g3", 2), health("sark-g4", 2)],
  ["settings without a recovery", health("sark-2"), health("sark")],
  ["new names alone", health("sark-g2"), health("sark-g3")],
  ["a first recovery of the audit database", health("sark-audit"), health("sark-audit-g2")],
])("preview allows %s", async (_what, olds, news) => {
  expect(await refusals(olds, news)).toEqual([]);
});

it("cluster health does not wait when only oldNames changes", async () => {
  const { diff } = clusterHealthProvider;
  expect(await diff?.("databases/sark-2", health("sark-2"), health("sark-2", 2))).toEqual({
    changes: false,
    replaces: [],
  });
});
