import { Client } from "pg";
import type { Target } from "../../../components/route/plan/targets";
import { temporaryRelay } from "../../../components/route/temporary-relay";
import { list } from "./support/fake-kubernetes";
import { POD, PODS_PATH, RoutedPostgres, SERVER, TARGET, primary } from "./support/routed-postgres";

jest.mock("../../../components/route/client-library", () =>
  jest.requireActual<object>("./support/bundled-client-library"),
);

const STAND_BY: Target = { ...TARGET, role: "replica" };
const PODS: Target = {
  route: { kind: "port-forward" },
  namespace: TARGET.namespace,
  labels: { app: "pgbouncer", part: "pool" },
  port: 6432,
  server: SERVER,
  authority: TARGET.authority,
};

let routed: RoutedPostgres;

beforeAll(async () => {
  routed = await RoutedPostgres.start();
  process.env["KUBECONFIG"] = routed.kubernetes.kubeconfig;
}, 60_000);

beforeEach(() => {
  routed.healthy();
});

afterAll(async () => {
  delete process.env["KUBECONFIG"];
  await routed.stop();
});

/** Answer to a client of the target, or its error. */
async function answer(target: Target): Promise<unknown> {
  const relay = await temporaryRelay(target);
  try {
    return await ask(relay);
  } finally {
    await relay.close();
  }
}

async function ask({ host, port }: { host: string; port: number }): Promise<unknown> {
  const { user, password } = routed.postgres;
  const client = new Client({ host, port, user, password, database: "postgres" });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query<object>("select 42 as answer")).rows[0];
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.end();
  }
}

/** Label selector and port of the requests. */
function requested(): { selector: string | null; port: string | null } {
  const asked = routed.kubernetes.requests.map((path) => new URL(path, "https://kubernetes"));
  const find = (ending: string, name: string) =>
    asked.find(({ pathname }) => pathname.endsWith(ending))?.searchParams.get(name) ?? null;
  return { selector: find("/pods", "labelSelector"), port: find("/portforward", "ports") };
}

describe("temporary relay leads to", () => {
  it.each([
    ["a primary", TARGET, "cnpg.io/cluster=sark,cnpg.io/instanceRole=primary", "5432"],
    ["a stand-by", STAND_BY, "cnpg.io/cluster=sark,cnpg.io/instanceRole=replica", "5432"],
    ["one of several equal pods", PODS, "app=pgbouncer,part=pool", "6432"],
  ])("%s", async (_, target, selector, port) => {
    expect(await answer(target)).toEqual({ answer: 42 });
    expect(requested()).toEqual({ selector, port });
  });
});

describe("temporary relay reports at once", () => {
  it.each([
    ["no primary", TARGET, "is the primary of cluster sark"],
    ["no stand-by", STAND_BY, "is a stand-by of cluster sark"],
    ["no such pod", PODS, `serves ${SERVER}`],
  ])("%s", async (_, target, text) => {
    let asked = 0;
    routed.kubernetes.on(PODS_PATH, () => {
      asked += 1;
      return list([]);
    });
    expect(await answer(target)).toContain(`no pod in namespace databases ${text}`);
    expect(asked).toBe(1);
  });

  it.each([
    ["stand-by", STAND_BY, `the stand-by's pod ${POD} is not ready`, "cnpg.io/cluster=sark"],
    ["pod", PODS, `the pod ${POD} is not ready`, "app=pgbouncer,part=pool"],
  ])("a %s that is not ready", async (_, target, text, selector) => {
    routed.kubernetes.on(PODS_PATH, list([primary(POD, false)]));
    const said = await answer(target);
    expect(said).toContain(text);
    expect(said).toContain(`get pods -l ${selector}`);
  });
});

it("temporary relay ends with its sessions when closed", async () => {
  const relay = await temporaryRelay(TARGET);
  const { user, password } = routed.postgres;
  const { host, port } = relay;
  const client = new Client({ host, port, user, password, database: "postgres" });
  const lost = new Promise((resolve) => client.once("error", resolve));
  await client.connect();
  await relay.close();
  await lost;
  expect(await ask(relay)).toContain("ECONNREFUSED");
});
