import type * as pulumi from "@pulumi/pulumi";
import { settingsGroup } from "../../../settings/plan/database-settings";
import { firstCluster, parseOldName } from "../plan/cluster-names";
import { formatProblems } from "../../../text/problem";
import { settingKey } from "../../../settings/plan/setting-key";
import { changedInputs } from "../../../resources/untyped-inputs";
import { ClusterApi } from "../../../route/cluster-api";
import { type AwaitedCluster, type WaitTiming, waitForHealth } from "./wait-for-health";

/** Inputs of the wait for a cluster. */
export interface ClusterHealthInputs extends AwaitedCluster {
  /** Context of the kubeconfig. @default - the current one */
  readonly context?: string | undefined;
  /** Hash of the cluster's spec; a changed one starts a new wait. */
  readonly spec: string;
  /** The setting `recovery.oldNames`. Without it, a preview refuses to replace a cluster that has an old name. */
  readonly oldNames?: number | undefined;
}

type Provider = pulumi.dynamic.ResourceProvider<ClusterHealthInputs, ClusterHealthInputs>;

const INPUTS = ["context", "namespace", "cluster", "instances", "spec", "timeoutMinutes"];
const OTHER_CLUSTER: readonly string[] = ["namespace", "cluster"];

/**
 * Waits for a CloudNativePG cluster to match its spec. It creates nothing: an interrupted or timed-out run waits again
 * next time, and deleting it does nothing.
 */
export const clusterHealthProvider: Provider = clusterHealth();

/** @param patience - shorter times for tests */
export function clusterHealth(patience?: Partial<WaitTiming>): Provider {
  const wait = async (inputs: ClusterHealthInputs): Promise<void> => {
    await waitForHealth(await ClusterApi.load(inputs.context), inputs, patience);
  };
  return {
    check(olds, news) {
      const reason = renameRefusal(olds, news);
      const failures = reason === undefined ? [] : [{ property: "cluster", reason }];
      return Promise.resolve({ inputs: news, failures });
    },

    diff(_id, olds, news) {
      const changed = changedInputs(INPUTS, olds, news);
      return Promise.resolve({
        changes: changed.length > 0,
        replaces: changed.filter((name) => OTHER_CLUSTER.includes(name)),
      });
    },

    async create(inputs) {
      await wait(inputs);
      return { id: `${inputs.namespace}/${inputs.cluster}`, outs: inputs };
    },

    async update(_id, _olds, news) {
      await wait(news);
      return { outs: news };
    },

    delete: () => Promise.resolve(),
  };
}

/**
 * Explains why the settings' cluster may not replace the existing one. Names once had no g: without `oldNames`, old
 * settings describe another cluster than the stack has.
 * @param olds - from the state; empty for a new stack
 */
function renameRefusal(
  { cluster = "" }: Partial<ClusterHealthInputs>,
  news: ClusterHealthInputs,
): string | undefined {
  const old = parseOldName(cluster);
  if (old === undefined) return undefined;
  const { database, generation } = old;
  const recovers = news.cluster !== firstCluster(database);
  if (!recovers || generation <= (news.oldNames ?? 1)) return undefined;
  const group = settingKey([settingsGroup(database)]);
  return formatProblems([
    {
      key: settingKey([settingsGroup(database), "recovery", "oldNames"]),
      value: news.oldNames ?? "nothing",
      allowed: `at least ${generation}`,
      why:
        `cluster ${cluster} has a name of the old form and would be replaced by ${news.cluster}, losing everything ` +
        `written since the recovery; add \`oldNames: ${generation}\` below \`recovery\` of ${group} in ` +
        "Pulumi.<stack>.yaml",
    },
  ]);
}
