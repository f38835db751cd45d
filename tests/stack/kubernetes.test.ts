import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { Plan, PlannedResource } from "../../engine/engine";
import { StackCopy } from "../../scratch/scratch-stack";

jest.setTimeout(240_000);

/** No cluster: no kubeconfig, no credentials, no service account. */
const NOTHING = {
  KUBECONFIG: "",
  HOME: "/nonexistent",
  KUBERNETES_SERVICE_HOST: undefined,
  // Where a CLI plans it.
  PULUMI_CONFIG_PASSPHRASE: "of a test",
};

const CLUSTER = "kubernetes:postgresql.cnpg.io/v1:Cluster";

let stack: StackCopy;
let plan: Plan;

const planned = async (...flags: readonly string[]): Promise<Plan> => {
  const { stdout } = await stack.mustRun("preview", "--stack", "dev", "--json", ...flags);
  return JSON.parse(stdout) as Plan;
};
const nameOf = ({ urn }: PlannedResource) => urn.split("::").at(-1) ?? "";
const named = (name: string): PlannedResource => {
  const found = plan.resources.find((each) => nameOf(each) === name);
  if (!found) throw new Error(`the plan has no ${name}`);
  return found;
};
const names = (urns: readonly string[]) => urns.map((urn) => urn.split("::").at(-1));

beforeAll(async () => {
  stack = await StackCopy.make(NOTHING);
  plan = await planned("--engine", "embedded");
});
afterAll(() => stack.remove());

it("a preview of a stack on Kubernetes names every resource without a cluster", async () => {
  const { stdout } = await stack.mustRun("preview", "--stack", "dev", "--engine", "embedded");
  const rows = plan.resources.filter(({ type }) => !/^(pulumi:|sark:)/.test(type));
  expect(rows.length).toBeGreaterThan(130);
  const words = new Set(stdout.split(/[\s,]+/));
  expect(rows.map(nameOf).filter((name) => !words.has(name))).toEqual([]);
  expect(stdout).toContain("000001_users.sql");
});

it("everything inside a database on Kubernetes waits until its cluster is healthy", () => {
  expect(names(named("sark-database-sark_owner").options.dependencies)).toContain("sark-health");
  expect(names(named("sark-audit-database-sark_audit_owner").options.dependencies)).toContain(
    "sark-audit-health",
  );
  expect(names(named("sark-health").options.dependencies)).toContain("sark-cluster");
});

it("the program reaches databases on Kubernetes by loopback ports; outputs have their own addresses", () => {
  const { inputs } = named("sark-database-provider");
  expect(inputs).toMatchObject({ host: "127.0.0.1", sslmode: "disable" });
  expect(inputs["port"]).toMatch(/^\d+$/);
  expect(plan.outputs["servers"]).toMatchObject({
    sark: { host: "sark-rw.sark-databases.svc", port: 5432, sslMode: "verify-full" },
    sark_audit: { host: "sark-audit-rw.sark-databases.svc", port: 5432, sslMode: "verify-full" },
  });
});

it("a preview refuses a configured relay port that is taken, before it plans anything", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  stack.configure((config) => {
    config["sark-databases:kubernetes"] = { ports: { audit: port } };
  }, "dev");
  try {
    const args = ["preview", "--stack", "dev", "--engine", "embedded"];
    const { code, stdout, stderr } = await stack.run(...args);
    expect(code).toBe(1);
    expect(stderr).toContain("the settings of stack dev are invalid; nothing was changed:");
    expect(stderr).toContain(`sark-databases:kubernetes.ports.audit: got ${port}; allowed: a port`);
    expect(stderr).toContain(`process ${process.pid} (node) is listening on it`);
    expect(stdout).not.toContain("sark-audit-cluster");
  } finally {
    taken.close();
    stack.configure((config) => {
      delete config["sark-databases:kubernetes"];
    }, "dev");
  }
});

it("the outputs tell the commands how to reach servers with cluster-internal addresses", () => {
  const place = { route: { kind: "port-forward" }, namespace: "sark-databases" };
  expect(plan.outputs).toMatchObject({
    servers: {
      sark: {
        relay: {
          ...place,
          cluster: "sark",
          server: "sark-rw.sark-databases.svc",
          authority: "sark-ca",
        },
      },
      sark_audit: { relay: { ...place, cluster: "sark-audit", authority: "sark-audit-ca" } },
    },
    pool: {
      relay: {
        ...place,
        labels: { "app.kubernetes.io/name": "pgbouncer" },
        port: 6432,
        server: "pgbouncer.sark-databases.svc",
        authority: "pgbouncer-tls",
      },
    },
  });
});

it("the application's login Secrets have the pool's address", () => {
  expect(named("logins-sark-app").inputs).toMatchObject({
    metadata: { name: "sark-app", namespace: "sark" },
  });
});

it("`instances: 3` makes a cluster highly available, and changes only what depends on it", async () => {
  const before = new Map(plan.resources.map((each) => [each.urn, JSON.stringify(each.inputs)]));
  stack.configure((config) => {
    Object.assign(config["sark-databases:sark"] as object, { instances: 3 });
  }, "dev");
  const { resources, outputs } = await planned("--engine", "embedded");
  stack.configure((config) => {
    Object.assign(config["sark-databases:sark"] as object, { instances: 1 });
  }, "dev");
  const changed = resources.filter(({ urn, inputs }) => before.get(urn) !== JSON.stringify(inputs));
  expect(resources.map(({ urn }) => urn).sort()).toEqual([...before.keys()].sort());
  expect(changed.map(nameOf).sort()).toEqual([
    "kubernetes-monitoring-sark-rules",
    "kubernetes-quota-total",
    "pool-config",
    "pool-deployment",
    "sark-cluster",
    "sark-health",
  ]);
  const cluster = changed.find(({ type }) => type === CLUSTER);
  expect(cluster?.inputs["spec"]).toMatchObject({ instances: 3, enablePDB: true });
  expect(outputs).toHaveProperty("servers.sark.replica", {
    host: "sark-ro.sark-databases.svc",
    port: 5432,
  });
});

it("settings refuse a local database with a pool on Kubernetes", async () => {
  stack.configure((config) => {
    config["sark-databases:sark"] = { home: "local" };
  }, "dev");
  const { code, stdout, stderr } = await stack.run(
    ...["preview", "--stack", "dev", "--engine", "embedded"],
  );
  stack.configure((config) => {
    config["sark-databases:sark"] = { home: "kubernetes", instances: 1 };
  }, "dev");
  expect(code).toBe(1);
  expect(stdout + stderr).toMatch(
    /sark-databases:audit\.home: got kubernetes; allowed: local, or another sark\.home/,
  );
});

it("the embedded engine does not apply a stack on Kubernetes, and says so", async () => {
  const { code, stdout, stderr } = await stack.run(
    ...["up", "--stack", "dev", "--yes", "--engine", "embedded"],
  );
  expect(code).toBe(1);
  expect(stdout + stderr).toContain("can plan this stack but not apply it");
});

const cli = spawnSync("pulumi", ["version"]).status === 0;
(cli ? it : it.skip)("is planned alike by the Pulumi CLI", async () => {
  const other = await planned("--engine", "pulumi");
  const list = ({ resources }: Plan) =>
    resources.map(({ type, urn }) => `${type} ${nameOf({ urn } as PlannedResource)}`).sort();
  expect(list(other)).toEqual(list(plan));
});
