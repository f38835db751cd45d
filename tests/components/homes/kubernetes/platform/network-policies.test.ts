import * as fc from "fast-check";
import { OBJECT_STORE_CLIENT, labels } from "../../../../../components/homes/kubernetes/labels";
import { ipBlock } from "../../../../../components/homes/kubernetes/platform/network-policies-rules";
import type { StackSettings } from "../../../../support/parse-settings";
import {
  type ConnectionEnd,
  HOME,
  type Labels,
  type Peer,
  type Policy,
  allowed,
  inBlock,
  inHome,
  matches,
} from "../../../../support/network-model";
import { platformOf } from "../../../../support/built-cluster";
import { AWS } from "../../../../support/aws-settings";
import { kubernetesStack, registeredBy } from "../../../../support/registered";

const pod = (podLabels: Labels, namespace = HOME): ConnectionEnd => ({
  namespace,
  labels: podLabels,
});
/** Labels that CloudNativePG puts on servers and on initdb and join jobs. */
const server = (cluster: string): ConnectionEnd =>
  pod({
    "cnpg.io/cluster": cluster,
    "app.kubernetes.io/name": "postgresql",
    "app.kubernetes.io/component": "database",
    "app.kubernetes.io/managed-by": "cloudnative-pg",
  });

const ENDS: Readonly<Record<string, ConnectionEnd>> = {
  sark: server("sark"),
  sarkStandBy: server("sark"),
  audit: server("sark-audit"),
  pgbouncer: pod(labels("pgbouncer", "pgbouncer")),
  vacuum: pod(labels("maintenance", "sark-vacuum")),
  dump: pod({ ...labels("maintenance", "sark-dump"), ...OBJECT_STORE_CLIENT }),
  gateway: pod(labels("gateway", "database-gateway")),
  exporter: pod(labels("exporter", "sark-exporter")),
  unknownPod: pod({}),
  application: pod({}, "sark"),
  runner: pod({}, "ci"),
  prometheus: pod({}, "monitoring"),
  operator: pod({ "app.kubernetes.io/name": "cloudnative-pg" }, "cnpg-system"),
  plugin: pod({ "app.kubernetes.io/name": "plugin-barman-cloud" }, "cnpg-system"),
  falseOperator: pod({ "app.kubernetes.io/name": "cloudnative-pg" }, "default"),
  dns: pod({ "k8s-app": "kube-dns" }, "kube-system"),
  falseDns: pod({ "k8s-app": "kube-dns" }, "default"),
  otherSystemPod: pod({}, "kube-system"),
  apiServer: { address: "10.0.0.10" },
  objectStore: { address: "52.1.2.3" },
  rds: { address: "10.9.8.7" },
  nodeMetadata: { address: "169.254.169.254" },
  podIdentity: { address: "169.254.170.23" },
  internet: { address: "1.1.1.1" },
};
const PORTS = [
  "UDP 53",
  ...[22, 53, 80, 443, 5432, 5433, 6432, 6443, 8000, 9000, 9127, 9187, 9399].map(
    (port) => `TCP ${port}`,
  ),
];
const names = Object.keys(ENDS);
const atHome = names.filter((name) => inHome(end(name)));

/** Connections that the test settings should allow, from -> to on a port. */
const INTENDED: ReadonlySet<string> = new Set([
  ...atHome.flatMap((from) => [`${from} -> dns UDP 53`, `${from} -> dns TCP 53`]),
  "application -> pgbouncer TCP 6432",
  ...["pgbouncer", "vacuum", "dump"].flatMap((from) =>
    ["sark", "sarkStandBy", "audit"].map((to) => `${from} -> ${to} TCP 5432`),
  ),
  ...["5432", "8000"].flatMap((port) => [
    `sark -> sark TCP ${port}`,
    `sark -> sarkStandBy TCP ${port}`,
    `sarkStandBy -> sark TCP ${port}`,
    `sarkStandBy -> sarkStandBy TCP ${port}`,
    `audit -> audit TCP ${port}`,
  ]),
  ...["sark", "sarkStandBy", "audit"].flatMap((database) => [
    `operator -> ${database} TCP 5432`,
    `operator -> ${database} TCP 8000`,
    `prometheus -> ${database} TCP 9187`,
    `${database} -> apiServer TCP 443`,
    `${database} -> apiServer TCP 6443`,
    `${database} -> objectStore TCP 443`,
    `${database} -> podIdentity TCP 80`,
  ]),
  "prometheus -> pgbouncer TCP 9127",
  "dump -> objectStore TCP 443",
  "dump -> podIdentity TCP 80",
]);

const network = {
  egress: { apiServer: ["10.0.0.0/24"], objectStore: ["52.0.0.0/8"] },
};
const bucket = { path: "s3://sark-dev-backups", retentionDays: 30 };

it("network policies open exactly the paths that the stack uses", async () => {
  const policies = await policiesOf(kubernetesStack({ kubernetes: network }));
  expect(reachable(policies)).toEqual(INTENDED);
});

it("network policies include a default-deny policy", async () => {
  const policies = await policiesOf(kubernetesStack({ kubernetes: network }));
  const wall = policies.filter(({ name }) => name === "default-deny");
  expect(wall).toHaveLength(1);
  expect(reachable(wall)).toEqual(new Set());
});

it("each network policy opens a path that no other policy opens", async () => {
  const policies = await policiesOf(kubernetesStack({ kubernetes: network }));
  expect(policies.length).toBeGreaterThan(10);
  const needless = policies.filter((policy) => {
    const others = reachable(policies.filter((each) => each !== policy));
    return others.size === INTENDED.size && [...others].every((each) => INTENDED.has(each));
  });
  expect(needless.map(({ name }) => name)).toEqual([]);
});

it("each network policy has a description annotation", async () => {
  const objects = await objectsOf(kubernetesStack({ kubernetes: network }));
  for (const { metadata } of objects) {
    expect(metadata.namespace).toBe(HOME);
    expect(metadata.annotations["kubernetes.io/description"]).toMatch(/^[A-Z].{20,}\.$/);
  }
});

describe("network policies for disabled parts:", () => {
  const closed = async (changes: Readonly<Record<string, unknown>>) => {
    const policies = await policiesOf(kubernetesStack({ kubernetes: network, ...changes }));
    const left = reachable(policies);
    return {
      closed: [...INTENDED].filter((each) => !left.has(each)),
      opened: [...left].filter((each) => !INTENDED.has(each)),
    };
  };
  const servers = ["sark", "sarkStandBy", "audit"];
  const toRds = (from: string) => `${from} -> rds TCP 5433`;
  const rds = { ...AWS, kubernetes: { egress: { ...network.egress, databases: ["10.9.0.0/16"] } } };
  /** Connections of a cluster of sark. */
  const ofSark = [...INTENDED].filter((each) =>
    /^(pgbouncer|vacuum|dump) -> sark|^sark(StandBy)? -> sark/.test(each),
  );

  it("with sark on RDS, its addresses are open instead of its cluster", async () => {
    expect(await closed(rds)).toEqual({
      closed: ofSark,
      opened: [
        ...["pgbouncer", "vacuum", "dump", "gateway", "exporter"].map(toRds),
        "prometheus -> exporter TCP 9399",
      ],
    });
  });

  it("without the exporter of RDS, no path to or from it is open", async () => {
    const { opened } = await closed({ ...rds, aws: { ...AWS.aws, exporter: { enabled: false } } });
    expect(opened).toEqual(["pgbouncer", "vacuum", "dump", "gateway"].map(toRds));
  });

  it.each([
    ["direct", { route: "direct" }],
    ["a tunnel", { sark: { ...AWS.sark, tunnel: { host: "127.0.0.1", port: 5555 } } }],
  ])("no gateway path is open with route %s", async (_way, changes) => {
    const { opened } = await closed({ ...rds, ...changes });
    expect(opened).toEqual([
      ...["pgbouncer", "vacuum", "dump", "exporter"].map(toRds),
      "prometheus -> exporter TCP 9399",
    ]);
  });

  it("no server path is open without a server in the cluster", async () => {
    const none = { ...rds, audit: { home: "local" }, pool: { enabled: false } };
    const policies = await policiesOf(kubernetesStack(none));
    expect(policies.map(({ name }) => name).sort()).toEqual([
      "default-deny",
      "dns",
      "dumps-to-object-store",
      "exporter-from-monitoring",
      "exporter-to-rds",
      "gateway-to-rds",
      "maintenance-to-rds",
    ]);
  });

  it("without a pool, the application may connect to the servers", async () => {
    expect(await closed({ pool: { enabled: false } })).toEqual({
      closed: [
        "application -> pgbouncer TCP 6432",
        ...servers.map((to) => `pgbouncer -> ${to} TCP 5432`),
        "prometheus -> pgbouncer TCP 9127",
      ],
      opened: servers.map((to) => `application -> ${to} TCP 5432`),
    });
  });

  it("with route direct, the program's namespace may connect to the servers", async () => {
    expect(await closed({ route: "direct", kubernetes: { ...network, runner: "ci" } })).toEqual({
      closed: [],
      opened: servers.map((to) => `runner -> ${to} TCP 5432`),
    });
    expect(
      await closed({ route: "port-forward", kubernetes: { ...network, runner: "ci" } }),
    ).toEqual({
      closed: [],
      opened: [],
    });
  });

  it("without monitoring, metrics ports are closed", async () => {
    expect(await closed({ monitoring: { enabled: false } })).toEqual({
      closed: expect.arrayContaining(["prometheus -> pgbouncer TCP 9127"]) as unknown,
      opened: [],
    });
  });

  it("without maintenance, job paths are closed", async () => {
    expect(await closed({ maintenance: { enabled: false } })).toEqual({
      closed: [
        ...["vacuum", "dump"].flatMap((job) => servers.map((to) => `${job} -> ${to} TCP 5432`)),
        "dump -> objectStore TCP 443",
        "dump -> podIdentity TCP 80",
      ],
      opened: [],
    });
  });

  it("without a bucket, the storage is closed", async () => {
    const stores = ["objectStore TCP 443", "podIdentity TCP 80"];
    const expected = [...servers, "dump"].flatMap((from) => stores.map((to) => `${from} -> ${to}`));
    const found = await closed({ backups: {} });
    expect(new Set(found.closed)).toEqual(new Set(expected));
    expect(found.opened).toEqual([]);
  });

  it.each([
    ["a named role", { ...bucket, role: "arn:aws:iam::123456789012:role/sark-backups" }],
    ["keys", { ...bucket, access: "keys" }],
  ])("with %s, the node's credential endpoint is closed", async (_, changed) => {
    const found = await closed({ backups: { bucket: changed } });
    expect(found.closed).toEqual(
      expect.arrayContaining(servers.map((from) => `${from} -> podIdentity TCP 80`)),
    );
    expect(found.closed).toHaveLength(4);
    expect(found.opened).toEqual([]);
  });

  it("storage on another port is open at that port", async () => {
    const endpoint = "https://storage.example.com:9000";
    const found = await closed({ backups: { bucket: { ...bucket, access: "keys", endpoint } } });
    expect(found.opened).toEqual(
      [...servers, "dump"].map((from) => `${from} -> objectStore TCP 9000`),
    );
    expect(found.closed).toContain("dump -> objectStore TCP 443");
  });
});

it("network policies open the storage's port, and 443 for a role's credentials", async () => {
  const endpoint = "https://storage.example.com:9000";
  const role = "arn:aws:iam::123456789012:role/sark-backups";
  const backups = { bucket: { ...bucket, endpoint, role } };
  const open = reachable(await policiesOf(kubernetesStack({ kubernetes: network, backups })));
  expect([...open].filter((each) => each.startsWith("sark -> objectStore"))).toEqual([
    "sark -> objectStore TCP 443",
    "sark -> objectStore TCP 9000",
  ]);
});

it("network policies keep monitoring open for old clusters, and the previous cluster serving until the switch", async () => {
  const sark = { home: "kubernetes", recovery: { generation: 3 } };
  const policies = await policiesOf(kubernetesStack({ kubernetes: network, sark }));
  const old = server("sark");
  expect(allowed(policies, end("operator"), old, "TCP 8000")).toBe(true);
  expect(allowed(policies, old, end("objectStore"), "TCP 443")).toBe(true);
  for (const from of ["pgbouncer", "vacuum"]) {
    expect(allowed(policies, end(from), server("sark-g3"), "TCP 5432")).toBe(true);
    expect(allowed(policies, end(from), server("sark-g2"), "TCP 5432")).toBe(true);
    expect(allowed(policies, end(from), old, "TCP 5432")).toBe(false);
  }
});

it("network policies let PgBouncer reach an old-name cluster until the next one takes over", async () => {
  const sark = { home: "kubernetes", recovery: { generation: 3, oldNames: 2 } };
  const policies = await policiesOf(kubernetesStack({ kubernetes: network, sark }));
  const open = (to: string) => allowed(policies, end("pgbouncer"), server(to), "TCP 5432");
  expect(["sark-2", "sark-g3", "sark-g2"].map(open)).toEqual([true, true, false]);
});

it("network policies without configured addresses open the internet, but never node metadata", async () => {
  const open = reachable(await policiesOf(kubernetesStack()));
  expect(open).toContain("sark -> internet TCP 443");
  expect([...open].filter((each) => each.includes("nodeMetadata"))).toEqual([]);
  expect([...open].filter((each) => each.includes("podIdentity TCP 443"))).toEqual([]);
});

it("IP blocks exclude link-local addresses only, from every wider block", () => {
  const octet = fc.integer({ min: 0, max: 255 });
  const address = fc.oneof(
    fc.tuple(octet, octet, octet, octet),
    fc.tuple(fc.constant(169), fc.constant(254), octet, octet),
  );
  const bits = fc.integer({ min: 0, max: 32 });
  fc.assert(
    fc.property(address, bits, address, (network, width, target) => {
      const cidr = `${network.join(".")}/${width}`;
      const ip = target.join(".");
      const named = width >= 16 && network[0] === 169 && network[1] === 254;
      const linkLocal = target[0] === 169 && target[1] === 254;
      const [peer] = [ipBlock(cidr)] as unknown as [Peer];
      expect(matches(peer, { address: ip })).toBe(inBlock(cidr, ip) && (named || !linkLocal));
    }),
    { numRuns: 2_000 },
  );
});

it.each([
  ["::/0", ["fe80::/10", "fd00:ec2::/32"]],
  ["fd00::/8", ["fd00:ec2::/32"]],
  ["2001:db8::/32", undefined],
  ["fe80::/10", undefined],
  ["169.254.0.0/16", undefined],
])("IPv6 block %s excludes %j", (cidr, except) => {
  expect(ipBlock(cidr)).toEqual({ ipBlock: { cidr, ...(except ? { except } : {}) } });
});

interface PolicyObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: Omit<Policy, "name">;
}

async function objectsOf(settings: StackSettings): Promise<readonly PolicyObject[]> {
  const registered = await registeredBy(() => platformOf(settings));
  return registered
    .map(({ inputs }) => inputs)
    .filter(({ kind }) => kind === "NetworkPolicy") as unknown as readonly PolicyObject[];
}

async function policiesOf(settings: StackSettings): Promise<readonly Policy[]> {
  return (await objectsOf(settings)).map(({ metadata, spec }) => ({
    name: metadata.name,
    ...spec,
  }));
}

/** Lists every connection into or out of the namespace that the policies allow. */
function reachable(policies: readonly Policy[]): ReadonlySet<string> {
  return new Set(
    names.flatMap((from) =>
      names
        .filter((to) => inHome(end(from)) || inHome(end(to)))
        .flatMap((to) =>
          PORTS.filter((port) => allowed(policies, end(from), end(to), port)).map(
            (port) => `${from} -> ${to} ${port}`,
          ),
        ),
    ),
  );
}

function end(name: string): ConnectionEnd {
  const found = ENDS[name];
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}
