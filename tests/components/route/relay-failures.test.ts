import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Target } from "../../../components/route/plan/targets";
import { freePort } from "../../../components/homes/local/processes/ports";
import { temporaryFolder } from "../../../scratch/scratch-postgres";
import { RelayClients, streamOf } from "./support/client";
import { type Answer, failure, list } from "./support/fake-kubernetes";
import {
  AUTHORITY_PATH,
  NAMESPACE,
  POD,
  PODS_PATH,
  primary,
  RoutedPostgres,
  secretOf,
  SERVER,
  TARGET,
} from "./support/routed-postgres";

jest.mock("../../../components/route/client-library", () =>
  jest.requireActual<object>("./support/bundled-client-library"),
);

const CONNECTION_FAILURE = "08006";

let routed: RoutedPostgres;
let clients: RelayClients | undefined;
const folder = temporaryFolder("sark-kubeconfig-");

beforeAll(async () => {
  routed = await RoutedPostgres.start();
}, 60_000);

beforeEach(() => {
  routed.healthy();
  process.env["KUBECONFIG"] = routed.kubernetes.kubeconfig;
});

afterEach(async () => {
  await clients?.relay.close();
  clients = undefined;
});

afterAll(async () => {
  delete process.env["KUBECONFIG"];
  rmSync(folder, { recursive: true, force: true });
  await routed.stop();
});

async function open(target: Target = TARGET, patience = 0): Promise<RelayClients> {
  clients = await RelayClients.open(routed, target, patience);
  return clients;
}

/** Error of a client, without retries by the relay. */
async function refusal(target?: Target): Promise<string> {
  const refused = await (await open(target)).refusal();
  expect(refused?.code).toBe(CONNECTION_FAILURE);
  expect(refused?.message).toContain(`${SERVER} cannot be reached`);
  return refused?.message ?? "";
}

describe("relay rejects a server", () => {
  afterEach(() => routed.show(routed.certificate));

  test("whose certificate another CA signed", async () => {
    routed.kubernetes.on(AUTHORITY_PATH, secretOf(routed.otherAuthority()));
    expect(await refusal()).toMatch(
      /pod sark-1: the server's identity as sark-rw\.databases\.svc could not be verified: unable to verify/,
    );
  });

  test("whose certificate is for another name", async () => {
    await routed.show(routed.authority.issue([`DNS:sark-ro.${NAMESPACE}.svc`]));
    expect(await refusal()).toMatch(/could not be verified: .*sark-ro\.databases\.svc/);
  });

  test("whose certificate has expired", async () => {
    await routed.show(routed.authority.issue([`DNS:${SERVER}`], -1));
    expect(await refusal()).toMatch(/could not be verified: certificate has expired/);
  });

  test("with a wrong certificate even when NODE_TLS_REJECT_UNAUTHORIZED is 0", async () => {
    routed.kubernetes.on(AUTHORITY_PATH, secretOf(routed.otherAuthority()));
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      expect(await refusal()).toMatch(/could not be verified/);
    } finally {
      delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    }
  });

  test("without TLS", async () => {
    await routed.show(undefined);
    expect(await refusal()).toMatch(/pod sark-1: the server offers no TLS.*ssl = on/);
  });
});

test("relay reloads a replaced CA once", async () => {
  const outdated = secretOf(routed.otherAuthority());
  const answers: Answer[] = [outdated, secretOf(routed.authority)];
  let reads = 0;
  routed.kubernetes.on(AUTHORITY_PATH, () => answers[Math.min(reads++, 1)] ?? outdated);
  expect(await (await open()).refusal()).toBeUndefined();
  expect(await clients?.refusal()).toBeUndefined();
  expect(reads).toBe(2);
});

describe("relay to a pod", () => {
  test("reports that nothing listens on the port", async () => {
    routed.kubernetes.forward(POD, "exit status 1: connect: connection refused");
    expect(await refusal()).toMatch(
      /through the Kubernetes API, pod sark-1: error forwarding port 5432 .*connection refused/,
    );
  });

  test("reports that no pod is the primary", async () => {
    routed.kubernetes.on(PODS_PATH, list([]));
    expect(await refusal()).toMatch(/no pod in namespace databases is the primary of cluster sark/);
  });

  test("reports that the primary's pod is not ready", async () => {
    routed.kubernetes.on(PODS_PATH, list([primary(POD, false)]));
    expect(await refusal()).toMatch(
      /the primary's pod sark-1 is not ready \(Running\); see kubectl/,
    );
  });

  test("ignores a terminating pod", async () => {
    const leaving = primary("sark-2", true, { deletionTimestamp: new Date().toISOString() });
    routed.kubernetes.on(PODS_PATH, list([leaving, primary(POD)]));
    expect(await (await open()).refusal()).toBeUndefined();
  });

  test("reports a pod that was deleted after it was found", async () => {
    routed.kubernetes.on(PODS_PATH, list([primary("sark-2")]));
    expect(await refusal()).toMatch(/pod sark-2: .*did not forward port 5432.*404/);
  });

  test("waits for a pod to become the primary", async () => {
    let asked = 0;
    const [none, one] = [list([]), list([primary(POD)])];
    routed.kubernetes.on(PODS_PATH, () => ((asked += 1) < 3 ? none : one));
    expect(await (await open(TARGET, 10_000)).refusal()).toBeUndefined();
    expect(asked).toBe(3);
  });

  test("retries a refused connection, but not a wrong identity", async () => {
    let asked = 0;
    routed.kubernetes.on(PODS_PATH, () => {
      asked += 1;
      if (asked === 2) routed.kubernetes.forward(POD, routed.postgres);
      return list([primary(POD)]);
    });
    routed.kubernetes.forward(POD, "connection refused");
    expect(await (await open(TARGET, 10_000)).refusal()).toBeUndefined();
    expect(asked).toBe(2);
    await clients?.relay.close();

    routed.kubernetes.on(AUTHORITY_PATH, secretOf(routed.otherAuthority()));
    expect(await (await open(TARGET, 10_000)).refusal()).toBeDefined();
    expect(asked).toBe(3);
  });
});

describe("relay and the Kubernetes API:", () => {
  const forbidden = failure(403, `User "ci" cannot do that in the namespace "${NAMESPACE}"`);

  test.each([
    ["secrets", AUTHORITY_PATH, "get on secrets"],
    ["pods", PODS_PATH, "list on pods"],
    ["port-forwards", `${PODS_PATH}/${POD}/portforward`, "get and create on pods/portforward"],
  ])("names the missing permission for %s", async (_, path, permission) => {
    routed.kubernetes.on(path, forbidden);
    const message = await refusal();
    expect(message).toContain('403, User "ci" cannot do that');
    expect(message).toContain(`the permission ${permission} in namespace databases`);
  });

  test("reports that the kubeconfig's credentials are not accepted", async () => {
    routed.kubernetes.on(AUTHORITY_PATH, failure(401, "Unauthorized"));
    expect(await refusal()).toMatch(
      /: 401\. The API does not accept the credentials of the kubeconfig: log in again/,
    );
  });

  test("reports that the CA secret does not exist", async () => {
    routed.kubernetes.on(AUTHORITY_PATH, failure(404, 'secrets "sark-ca" not found'));
    expect(await refusal()).toMatch(
      /did not read secret sark-ca.*404, secrets "sark-ca" not found/,
    );
  });

  test("reports that the CA secret has no certificate", async () => {
    routed.kubernetes.on(AUTHORITY_PATH, { status: 200, body: { kind: "Secret", data: {} } });
    expect(await refusal()).toMatch(/secret sark-ca of namespace databases has no certificate/);
  });

  test("reports that the API cannot be reached", async () => {
    process.env["KUBECONFIG"] = kubeconfig(`https://127.0.0.1:${await freePort()}`);
    expect(await refusal()).toMatch(/https:\/\/127\.0\.0\.1:\d+.*cannot connect.*ECONNREFUSED/);
  });

  test("reports that no kubeconfig was found", async () => {
    process.env["KUBECONFIG"] = "/nowhere/config";
    expect(await refusal()).toMatch(/the kubeconfig cannot be read: .*\/nowhere\/config/);
    process.env["KUBECONFIG"] = kubeconfig("http://localhost:8080");
    await clients?.relay.close();
    expect(await refusal()).toMatch(/no kubeconfig found/);
  });

  test("reports that the kubeconfig lacks the context", async () => {
    expect(await refusal({ ...TARGET, context: "production" })).toMatch(
      /has no context production; it has test .*sark-databases:kubernetes\.context/,
    );
  });
});

describe("relay to an address", () => {
  test("suggests port-forward when the name does not resolve", async () => {
    expect(await refusal({ ...TARGET, route: { kind: "direct" } })).toMatch(
      /on port 5432: getaddrinfo .*set sark-databases:route to port-forward/,
    );
  });

  test("reports a refused connection", async () => {
    const route = { kind: "tunnel", host: "127.0.0.1", port: await freePort() } as const;
    expect(await refusal({ ...TARGET, route })).toMatch(
      /through the tunnel 127\.0\.0\.1:\d+: connect ECONNREFUSED/,
    );
  });
});

describe("relay session that is lost", () => {
  test("during a query ends with the reason", async () => {
    const client = (await open()).client();
    await client.connect();
    const query = client.query("select pg_sleep(60)").catch((error: unknown) => error);
    await sleep(200);
    for (const channel of routed.kubernetes.forwarded) channel.terminate();
    expect(await query).toMatchObject({
      code: CONNECTION_FAILURE,
      message: expect.stringMatching(
        /^the session with sark-rw\.databases\.svc was lost, through the Kubernetes API, pod sark-1: .*closed the connection/,
      ) as string,
    });
  });

  test("inside a message ends without adding bytes to it", async () => {
    const client = (await open()).client();
    await client.connect();
    const query = client
      .query("select repeat('x', 50000000) as wide from generate_series(1, 10)")
      .catch((error: unknown) => error);
    // The first row has begun to arrive.
    await once(streamOf(client), "data");
    for (const channel of routed.kubernetes.forwarded) channel.terminate();
    expect(await query).toMatchObject({ message: "Connection terminated unexpectedly" });
  });

  test("because the server ended it shows the server's own error", async () => {
    const client = (await open()).client();
    await client.connect();
    const query = client.query("select pg_sleep(61)").catch((error: unknown) => error);
    await sleep(200);
    await routed.administer((admin) =>
      admin.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where query like '%(61)'",
      ),
    );
    expect(await query).toMatchObject({ code: "57P01" });
  });
});

describe("relay port", () => {
  test("connects nowhere before a client sends a startup message", async () => {
    const { port } = await open();
    const visitor = connect(port, "127.0.0.1");
    await once(visitor, "connect");
    await sleep(100);
    visitor.end();
    const stranger = connect(port, "127.0.0.1");
    stranger.end("GET / HTTP/1.1\r\n\r\n");
    stranger.resume();
    await once(stranger, "close");
    expect(routed.kubernetes.requests).toEqual([]);
  });
});

/** Writes a kubeconfig of one context. @returns its path */
function kubeconfig(server: string): string {
  const file = join(folder, "config");
  writeFileSync(
    file,
    JSON.stringify({
      "current-context": "test",
      clusters: [{ name: "test", cluster: { server } }],
      users: [{ name: "test", user: {} }],
      contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    }),
  );
  return file;
}
