import type { ServerOutput } from "../../../components/outputs/outputs";
import { lossesOf } from "../../../cli/report/losses";
import { clustersWithoutBaseBackups } from "../../../cli/report/losses-kubernetes";
import {
  type Answer,
  failure,
  FakeKubernetes,
  list,
} from "../../components/route/support/fake-kubernetes";
import { row } from "../support/fakes";

jest.mock("../../../components/route/client-library", () =>
  jest.requireActual<object>("../../components/route/support/bundled-client-library"),
);
jest.setTimeout(60_000);

const OPERATOR = "/apis/postgresql.cnpg.io/v1/namespaces/databases";
const CLAIMS = "/api/v1/namespaces/databases/persistentvolumeclaims";

let kubernetes: FakeKubernetes;

beforeAll(async () => {
  kubernetes = await FakeKubernetes.start();
  process.env["KUBECONFIG"] = kubernetes.kubeconfig;
});
beforeEach(() => kubernetes.reset());
afterAll(async () => {
  delete process.env["KUBECONFIG"];
  await kubernetes.stop();
});

function server(cluster: string, more: Partial<ServerOutput> = {}): ServerOutput {
  return {
    ...{ home: "kubernetes", engine: "postgresql", database: "sark", host: "sark-rw", port: 5432 },
    ...{ sslMode: "verify-full", maxConnections: 100, budget: 60, limits: [], migrations: [] },
    relay: {
      route: { kind: "port-forward" },
      ...{ namespace: "databases", cluster, server: "sark-rw", authority: "sark-ca" },
    },
    ...more,
  };
}

/** Losses other than the databases. */
async function othersLost(...servers: readonly ServerOutput[]): Promise<readonly string[]> {
  const byName = Object.fromEntries(servers.map((each, n) => [`server${n}`, each]));
  const { lost } = await lossesOf({ servers: byName, pool: null, logins: {} });
  return lost.filter((line) => !line.startsWith("the database"));
}

const named = (...names: readonly string[]) => list(names.map((name) => ({ metadata: { name } })));

const claim = (name: string, cluster: string | undefined, storage: string) => ({
  metadata: { name, ...(cluster === undefined ? {} : { labels: { "cnpg.io/cluster": cluster } }) },
  spec: { resources: { requests: { storage } } },
  status: { capacity: { storage } },
});

function holds(clusters: Answer, backups: Answer, claims: Answer): void {
  kubernetes
    .on(`${OPERATOR}/clusters`, clusters)
    .on(`${OPERATOR}/backups`, backups)
    .on(CLAIMS, claims);
}

it("lossesOf lists an unused cluster, all volumes and the Backup records", async () => {
  holds(
    named("sark", "sark-2", "sark-audit"),
    named("sark-1", "sark-2"),
    list([
      claim("sark-1", "sark", "10Gi"),
      claim("sark-2-1", "sark-2", "10Gi"),
      claim("sark-2-2", "sark-2", "20Gi"),
      claim("notes", undefined, "1Gi"),
    ]),
  );
  expect(await othersLost(server("sark-2"), server("sark-audit"))).toEqual([
    "the cluster sark with its data, which the stack no longer uses (namespace databases)",
    "the volumes of cluster sark: sark-1 (10Gi) (namespace databases)",
    "the volumes of cluster sark-2: sark-2-1 (10Gi), sark-2-2 (20Gi) (namespace databases)",
    "the volumes without a cluster: notes (1Gi) (namespace databases)",
    "2 Backup records; the backups themselves stay in the bucket (namespace databases)",
  ]);
});

it("lossesOf does not call the API for a stack whose namespace is kept or that has none", async () => {
  const { relay: _, ...local } = server("sark");
  expect(await othersLost(server("sark", { retained: true }))).toEqual([]);
  expect(await othersLost({ ...local, home: "local" })).toEqual([]);
  expect(kubernetes.requests).toEqual([]);
});

it("lossesOf says if the API refuses a list or does not answer", async () => {
  holds(named("sark"), named(), failure(403, "you may not"));
  const [refused, ...more] = await othersLost(server("sark"));
  expect(more).toEqual([]);
  expect(refused).toMatch(
    /^everything else in namespace databases, which cannot be listed: .* did not list volume claims in namespace databases: 403, you may not/,
  );
  process.env["KUBECONFIG"] = "/nonexistent";
  try {
    expect(await othersLost(server("sark"))).toEqual([
      expect.stringMatching(/^everything else in namespace databases, which cannot be listed: /),
    ]);
  } finally {
    process.env["KUBECONFIG"] = kubernetes.kubeconfig;
  }
});

it("lossesOf skips kinds that the cluster does not have", async () => {
  kubernetes.on(CLAIMS, list([claim("sark-1", "sark", "10Gi")]));
  expect(await othersLost(server("sark"))).toEqual([
    "the volumes of cluster sark: sark-1 (10Gi) (namespace databases)",
  ]);
});

describe("a cluster that is left behind without base backups", () => {
  const going = (kind: string, inputs: object, retainOnDelete: boolean) => {
    const made = row("delete", `kubernetes:postgresql.cnpg.io/v1:${kind}`, kind, {
      inputs: { ...inputs },
    });
    return { ...made, options: { ...made.options, retainOnDelete } };
  };
  const metadata = { name: "sark" };
  const archived = { metadata, spec: { plugins: [{ isWALArchiver: true }] } };
  const cluster = going("Cluster", archived, true);
  const schedule = (name: string, stays = true) =>
    going("ScheduledBackup", { spec: { cluster: { name } } }, stays);

  it("is named with a remedy", () => {
    expect(clustersWithoutBaseBackups([cluster])).toEqual([
      "the cluster sark, without base backups: it has no ScheduledBackup. Before you destroy the stack, complete an " +
        "`up`, or create a ScheduledBackup by hand",
    ]);
  });

  it("is named if the only ScheduledBackup is deleted, or belongs to another cluster", () => {
    expect(clustersWithoutBaseBackups([cluster, schedule("sark-audit")])).toHaveLength(1);
    expect(clustersWithoutBaseBackups([cluster, schedule("sark", false)])).toHaveLength(1);
  });

  it("is not named if its ScheduledBackup is kept, it is deleted itself, or it has no archive", () => {
    expect(clustersWithoutBaseBackups([cluster, schedule("sark")])).toEqual([]);
    expect(clustersWithoutBaseBackups([going("Cluster", archived, false)])).toEqual([]);
    expect(clustersWithoutBaseBackups([going("Cluster", { metadata, spec: {} }, true)])).toEqual(
      [],
    );
  });
});
