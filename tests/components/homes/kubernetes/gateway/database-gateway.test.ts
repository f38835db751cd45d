/** Tests the gateway pod to RDS, and HAProxy with its configuration. */
import { readFileSync } from "node:fs";
import { type Server, createServer } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import { Client } from "pg";
import {
  DatabaseGateway,
  GATEWAY_PORTS,
} from "../../../../../components/homes/kubernetes/gateway/database-gateway";
import {
  RESTRICTED_CONTAINER,
  RESTRICTED_POD,
} from "../../../../../components/homes/kubernetes/pod-security";
import { freePort } from "../../../../../components/homes/local/processes/ports";
import { waitUntil } from "../../../../../components/homes/local/processes/process";
import { platformOf } from "../../../../support/built-cluster";
import { AWS } from "../../../../support/aws-settings";
import {
  type ScratchPostgres,
  startScratchPostgres,
} from "../../../../../scratch/scratch-postgres";
import {
  type Registered,
  kubernetesStack,
  objectOf,
  registeredBy,
} from "../../../../support/registered";
import { CONFIG, Haproxy, describeWithHaproxy } from "../../aws/support/haproxy";

jest.setTimeout(60_000);

const PRIMARY = "sark-test.c1a2b3c4d5e6.eu-central-1.rds.amazonaws.com";
const REPLICA = "sark-test-replica-1.c1a2b3c4d5e6.eu-central-1.rds.amazonaws.com";

interface Pod {
  readonly containers: readonly {
    readonly image: string;
    readonly command: readonly string[];
    readonly args: readonly string[];
    readonly env: readonly { readonly name: string; readonly value: string }[];
    readonly volumeMounts: readonly { readonly name: string; readonly readOnly: boolean }[];
    readonly resources: {
      readonly requests: Readonly<Record<string, string>>;
      readonly limits: Readonly<Record<string, string>>;
    };
  }[];
  readonly volumes: readonly { readonly configMap: { readonly name: string } }[];
  readonly terminationGracePeriodSeconds: number;
}

interface Built {
  readonly registered: readonly Registered[];
  readonly gateway: DatabaseGateway;
}

async function build(replica?: string, changes: object = {}): Promise<Built> {
  const settings = kubernetesStack({ ...AWS, ...changes });
  let gateway: DatabaseGateway | undefined;
  const registered = await registeredBy(() => {
    gateway = new DatabaseGateway("sark-gateway", {
      platform: platformOf(settings),
      image: settings.aws?.gateway.image,
      port: settings.aws?.port ?? 0,
      server: pulumi.output(PRIMARY),
      ...(replica === undefined ? {} : { replica: pulumi.output(replica) }),
    });
  });
  if (!gateway) throw new Error("no gateway");
  return { registered, gateway };
}

const specOf = ({ registered }: Built) =>
  objectOf(registered, "Deployment", "database-gateway")["spec"] as {
    readonly replicas: number;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: Pod;
    };
  };

describe("gateway pod", () => {
  let built: Built;
  let pod: Pod;

  beforeAll(async () => {
    built = await build(REPLICA);
    pod = specOf(built).template.spec;
  });

  it("forwards to the primary and a replica, by non-secret addresses", () => {
    expect(pod.containers[0]?.env).toEqual([
      { name: "PRIMARY", value: `${PRIMARY}:5433` },
      { name: "REPLICA", value: `${REPLICA}:5433` },
    ]);
    expect(built.registered.filter(({ inputs }) => inputs["kind"] === "Secret")).toEqual([]);
  });

  it("forwards to the primary only without a replica", async () => {
    const alone = await build();
    expect(specOf(alone).template.spec.containers[0]?.env.map(({ name }) => name)).toEqual([
      "PRIMARY",
    ]);
    expect(alone.gateway.target).not.toHaveProperty("replicaPort");
  });

  it("is selected by the labels of its pod", () => {
    const { labels, ...rest } = built.gateway.target;
    expect(specOf(built).template.metadata.labels).toMatchObject(labels);
    expect(specOf(built).selector.matchLabels).toEqual(labels);
    expect(rest).toEqual({
      context: undefined,
      namespace: "sark-databases",
      port: 5432,
      replicaPort: 5433,
    });
  });

  it("mounts an immutable ConfigMap named by its content", () => {
    const { metadata, data, immutable } = built.registered
      .map(({ inputs }) => inputs)
      .find(({ kind, metadata: own }) => {
        const { name } = (own ?? {}) as { name?: string };
        return kind === "ConfigMap" && name?.startsWith("database-gateway-");
      }) as { metadata: { name: string }; data: Record<string, string>; immutable: boolean };
    expect(metadata.name).toMatch(/^database-gateway-[0-9a-f]{10}$/);
    expect(immutable).toBe(true);
    expect(data).toEqual({ "gateway.cfg": readFileSync(CONFIG, "utf8") });
    expect(pod.volumes).toMatchObject([{ configMap: { name: metadata.name } }]);
    expect(pod.containers[0]?.image).toMatch(
      /^docker\.io\/library\/haproxy:3\.2\.\d+-alpine@sha256:[0-9a-f]{64}$/,
    );
    expect(pod.containers[0]).toMatchObject({
      command: ["haproxy"],
      args: ["-db", "-f", "/etc/gateway/gateway.cfg"],
      volumeMounts: [{ name: "config", mountPath: "/etc/gateway", readOnly: true }],
    });
  });

  it("runs the image in the settings when given", async () => {
    const image = "registry.example.com/haproxy:3.2.23";
    const { aws } = AWS;
    const own = await build(undefined, { aws: { ...aws, gateway: { image } } });
    expect(specOf(own).template.spec.containers[0]?.image).toBe(image);
  });

  it("is restricted, and has no API token", () => {
    expect(pod).toMatchObject({ ...RESTRICTED_POD, serviceAccountName: "database-gateway" });
    expect(pod.containers[0]).toMatchObject(RESTRICTED_CONTAINER);
    expect(objectOf(built.registered, "ServiceAccount", "database-gateway")).toMatchObject({
      automountServiceAccountToken: false,
    });
    // Only a port-forward reaches it.
    expect(built.registered.filter(({ inputs }) => inputs["kind"] === "Service")).toEqual([]);
  });

  it("has a memory limit equal to its request, and closes connections before its grace period ends", () => {
    const { requests, limits } = pod.containers[0]?.resources ?? { requests: {}, limits: {} };
    expect(requests["memory"]).toBe(limits["memory"]);
    const [, seconds] = /hard-stop-after (\d+)s/.exec(readFileSync(CONFIG, "utf8")) ?? [];
    expect(Number(seconds)).toBeLessThan(pod.terminationGracePeriodSeconds);
  });

  it("is probed on its own port, never through to a server", () => {
    const looks = pod.containers[0] ?? {};
    const port = { port: GATEWAY_PORTS.health };
    expect(looks).toMatchObject({
      startupProbe: { tcpSocket: port },
      readinessProbe: { tcpSocket: port },
      livenessProbe: { httpGet: { path: "/healthy", ...port } },
    });
  });

  it("listens on its loopback address only", () => {
    const binds = readFileSync(CONFIG, "utf8").match(/^ +bind .*$/gm);
    expect(binds?.map((bind) => bind.trim())).toEqual([
      `bind 127.0.0.1:${GATEWAY_PORTS.primary}`,
      `bind 127.0.0.1:${GATEWAY_PORTS.replica}`,
      `bind :${GATEWAY_PORTS.health}`,
    ]);
  });
});

describeWithHaproxy("HAProxy with the gateway's configuration", () => {
  let primary: ScratchPostgres;
  let replica: ScratchPostgres;
  let haproxy: Haproxy;

  beforeAll(async () => {
    primary = await startScratchPostgres();
    replica = await startScratchPostgres();
    haproxy = await Haproxy.start({
      // A name, like the RDS endpoint.
      PRIMARY: `localhost:${primary.port}`,
      REPLICA: `localhost:${replica.port}`,
    });
  });

  afterAll(async () => {
    await replica.stop();
    await primary.stop();
    await haproxy.stop();
  });

  async function portSeen(through: number, { user, password }: ScratchPostgres): Promise<number> {
    const database = "postgres";
    const client = new Client({ host: "127.0.0.1", port: through, user, password, database });
    await client.connect();
    try {
      const { rows } = await client.query<{ port: number }>("select inet_server_port() as port");
      return rows[0]?.port ?? 0;
    } finally {
      await client.end();
    }
  }

  it("forwards each port to its own server", async () => {
    expect(await portSeen(haproxy.port, primary)).toBe(primary.port);
    expect(await portSeen(haproxy.replicaPort, replica)).toBe(replica.port);
  });

  it("stays healthy without a server, and opens no session to check one", async () => {
    const seen: number[] = [];
    const silent: Server = createServer((socket) => {
      seen.push(socket.remotePort ?? 0);
      socket.destroy();
    });
    const port = await freePort();
    await new Promise<void>((resolve) => silent.listen(port, "127.0.0.1", resolve));
    const alone = await Haproxy.start({ PRIMARY: `127.0.0.1:${port}` });
    try {
      for (let look = 0; look < 5; look += 1) expect(await alone.healthy()).toBe(true);
      expect(seen).toEqual([]);
    } finally {
      await alone.stop();
      silent.close();
    }
  });

  it("starts before the server's name resolves", async () => {
    const alone = await Haproxy.start({ PRIMARY: "sark.nowhere.invalid:5433" });
    expect(await waitUntil(() => alone.healthy(), 1_000)).toBe(true);
    await alone.stop();
  });

  it("has no replica port without a replica", async () => {
    const alone = await Haproxy.start({ PRIMARY: `127.0.0.1:${primary.port}` });
    try {
      expect(await portSeen(alone.port, primary)).toBe(primary.port);
      await expect(portSeen(alone.replicaPort, replica)).rejects.toThrow(/ECONNREFUSED/);
    } finally {
      await alone.stop();
    }
  });
});
