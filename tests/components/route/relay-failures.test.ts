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

/** What a client of a relay is told, of which it tries again nothing. */
async function refusal(target?: Target): Promise<string> {
  const refused = await (await open(target)).refusal();
  expect(refused?.code).toBe(CONNECTION_FAILURE);
  expect(refused?.message).toContain(`${SERVER} cannot be reached`);
  return refused?.message ?? "";
}

describe("a server that does not prove who it is", () => {
  afterEach(() => routed.show(routed.certificate));

  test("because another authority signed its certificate", async () => {
    routed.kubernetes.on(AUTHORITY_PATH, secretOf(routed.otherAuthority()));
    expect(await refusal()).toMatch(
      /pod sark-1: the server did not prove that it is sark-rw\.databases\.svc: unable to verify/,
    );
  });

  test("because its certificate is for another name", async () => {
    await routed.show(routed.authority.issue([`DNS:sark-ro.${NAMESPACE}.svc`]));
    expect(await refusal()).toMatch(/did not prove that it is .*sark-ro\.databases\.svc/);
  });

  test("because its certificate has expired", async () => {
    await routed.show(routed.authority.issue([`DNS:${SERVER}`], -1));
    expect(await refusal()).toMatch(/did not prove that it is .*: certificate has expired/);
  });

  test("whatever the environment says", async () => {
    routed.kubernetes.on(AUTHORITY_PATH, secretOf(routed.otherAuthority()));
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      expect(await refusal()).toMatch(/did not prove that it is/);
    } finally {
      delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    }
  });

  test("because it has no TLS", async () => {
    await routed.show(undefined);
    expect(await refusal()).toMatch(/pod sark-1: the server offers no TLS.*ssl = on/);
  });
});

test("an authority that was replaced is read again, once", async () => {
  const outdated = secretOf(routed.otherAuthority());
  const answers: Answer[] = [outdated, secretOf(routed.authority)];
  let reads = 0;
  routed.kubernetes.on(AUTHORITY_PATH, () => answers[Math.min(reads++, 1)] ?? outdated);
  expect(await (await open()).refusal()).toBeUndefined();
  expect(await clients?.refusal()).toBeUndefined();
  expect(reads).toBe(2);
});

describe("a pod", () => {
  test("in which nothing listens", async () => {
    routed.kubernetes.forward(POD, "exit status 1: connect: connection refused");
    expect(await refusal()).toMatch(
      /through the Kubernetes API, pod sark-1: error forwarding port 5432 .*connection refused/,
    );
  });

  test("that is not there", async () => {
    routed.kubernetes.on(PODS_PATH, list([]));
    expect(await refusal()).toMatch(/no pod in namespace databases is the primary of cluster sark/);
  });

  test("that is not ready", async () => {
    routed.kubernetes.on(PODS_PATH, list([primary(POD, false)]));
    expect(await refusal()).toMatch(
      /the primary's pod sark-1 is not ready \(Running\); see kubectl/,
    );
  });

  test("that is on its way out is none", async () => {
    const leaving = primary("sark-2", true, { deletionTimestamp: new Date().toISOString() });
    routed.kubernetes.on(PODS_PATH, list([leaving, primary(POD)]));
    expect(await (await open()).refusal()).toBeUndefined();
  });

  test("that went away after it was found", async () => {
    routed.kubernetes.on(PODS_PATH, list([primary("sark-2")]));
    expect(await refusal()).toMatch(/pod sark-2: .*did not forward port 5432.*404/);
  });

  test("that becomes the primary a little later is waited for", async () => {
    let asked = 0;
    const [none, one] = [list([]), list([primary(POD)])];
    routed.kubernetes.on(PODS_PATH, () => ((asked += 1) < 3 ? none : one));
    expect(await (await open(TARGET, 10_000)).refusal()).toBeUndefined();
    expect(asked).toBe(3);
  });

  test("that refuses at first is dialled again, one that is not the one is not", async () => {
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

describe("the Kubernetes API", () => {
  const forbidden = failure(403, `User "ci" cannot do that in the namespace "${NAMESPACE}"`);

  test.each([
    ["secrets", AUTHORITY_PATH, "get on secrets"],
    ["pods", PODS_PATH, "list on pods"],
    ["port-forwards", `${PODS_PATH}/${POD}/portforward`, "get and create on pods/portforward"],
  ])("that does not allow %s", async (_, path, permission) => {
    routed.kubernetes.on(path, forbidden);
    const message = await refusal();
    expect(message).toContain('403, User "ci" cannot do that');
    expect(message).toContain(`needs the permission ${permission} in namespace databases`);
  });

  test("that does not know the login", async () => {
    routed.kubernetes.on(AUTHORITY_PATH, failure(401, "Unauthorized"));
    expect(await refusal()).toMatch(
      /: 401\. It does not know the login of the kubeconfig: log in again/,
    );
  });

  test("that has no such secret", async () => {
    routed.kubernetes.on(AUTHORITY_PATH, failure(404, 'secrets "sark-ca" not found'));
    expect(await refusal()).toMatch(
      /did not read secret sark-ca.*404, secrets "sark-ca" not found/,
    );
  });

  test("whose secret has no certificate", async () => {
    routed.kubernetes.on(AUTHORITY_PATH, { status: 200, body: { kind: "Secret", data: {} } });
    expect(await refusal()).toMatch(/secret sark-ca of namespace databases has no certificate/);
  });

  test("that does not answer", async () => {
    process.env["KUBECONFIG"] = kubeconfig(`https://127.0.0.1:${await freePort()}`);
    expect(await refusal()).toMatch(/https:\/\/127\.0\.0\.1:\d+.*cannot be reached.*ECONNREFUSED/);
  });

  test("of which there is no kubeconfig", async () => {
    process.env["KUBECONFIG"] = "/nowhere/config";
    expect(await refusal()).toMatch(/the kubeconfig cannot be read: .*\/nowhere\/config/);
    process.env["KUBECONFIG"] = kubeconfig("http://localhost:8080");
    await clients?.relay.close();
    expect(await refusal()).toMatch(/there is no kubeconfig/);
  });

  test("of which the kubeconfig has no such context", async () => {
    expect(await refusal({ ...TARGET, context: "production" })).toMatch(
      /has no context production; it has test .*sark-databases:kubernetes\.context/,
    );
  });
});

describe("an address", () => {
  test("that nobody knows from here", async () => {
    expect(await refusal({ ...TARGET, route: { kind: "direct" } })).toMatch(
      /on port 5432: getaddrinfo .*set sark-databases:route to port-forward/,
    );
  });

  test("at which nothing listens", async () => {
    const route = { kind: "tunnel", host: "127.0.0.1", port: await freePort() } as const;
    expect(await refusal({ ...TARGET, route })).toMatch(
      /through the tunnel 127\.0\.0\.1:\d+: connect ECONNREFUSED/,
    );
  });
});

describe("a session that is lost", () => {
  test("while a query runs ends with the reason", async () => {
    const client = (await open()).client();
    await client.connect();
    const query = client.query("select pg_sleep(60)").catch((error: unknown) => error);
    await sleep(200);
    for (const channel of routed.kubernetes.forwarded) channel.terminate();
    expect(await query).toMatchObject({
      code: CONNECTION_FAILURE,
      message: expect.stringMatching(
        /^the session with sark-rw\.databases\.svc was lost, through the Kubernetes API, pod sark-1: .*broke off/,
      ) as string,
    });
  });

  test("in the middle of a message ends, and adds nothing to it", async () => {
    const client = (await open()).client();
    await client.connect();
    const query = client
      .query("select repeat('x', 50000000) as wide from generate_series(1, 10)")
      .catch((error: unknown) => error);
    // The first row begins.
    await once(streamOf(client), "data");
    for (const channel of routed.kubernetes.forwarded) channel.terminate();
    expect(await query).toMatchObject({ message: "Connection terminated unexpectedly" });
  });

  test("because the server says so ends with the server's words", async () => {
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

describe("the port", () => {
  test("leads nowhere before a client says who it is", async () => {
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
