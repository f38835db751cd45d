import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { RelayClients, streamOf } from "./support/client";
import { RoutedPostgres, TARGET } from "./support/routed-postgres";

jest.mock("../../../components/route/client-library", () =>
  jest.requireActual<object>("./support/bundled-client-library"),
);

const psqlIsHere = spawnSync("psql", ["--version"]).status === 0;
const withPsql = psqlIsHere || process.env["CI"] !== undefined ? test : test.skip;

let routed: RoutedPostgres;
let clients: RelayClients;

beforeAll(async () => {
  routed = await RoutedPostgres.start();
  process.env["KUBECONFIG"] = routed.kubernetes.kubeconfig;
}, 60_000);

afterAll(async () => {
  delete process.env["KUBECONFIG"];
  await routed.stop();
});

function tunnel() {
  const { host, port } = routed.postgres;
  return { ...TARGET, route: { kind: "tunnel", host, port } } as const;
}

describe.each([
  ["the port-forward", () => TARGET],
  ["a tunnel", tunnel],
])("relay session through %s", (_, target) => {
  beforeEach(async () => {
    routed.healthy();
    clients = await RelayClients.open(routed, target());
  });
  afterEach(() => clients.relay.close());

  test("is encrypted beyond this machine", async () => {
    const { rows } = await clients.session((client) =>
      client.query<object>("select ssl, version from pg_stat_ssl where pid = pg_backend_pid()"),
    );
    expect(rows).toEqual([{ ssl: true, version: "TLSv1.3" }]);
  });

  test("passes on results larger than any buffer", async () => {
    const { rows } = await clients.session((client) =>
      client.query<{ n: number; text: string }>(
        "select n, repeat(md5(n::text), 1000) as text from generate_series(1, 1000) n",
      ),
    );
    expect(rows).toHaveLength(1000);
    const { rows: sums } = await routed.administer((client) =>
      client.query<{ sum: string }>("select md5(repeat(md5('1000'), 1000)) as sum"),
    );
    const { rows: received } = await clients.session((client) =>
      client.query<{ sum: string }>("select md5($1) as sum", [rows[999]?.text]),
    );
    expect(received).toEqual(sums);
  });

  test("runs 20 at once without mixing them up", async () => {
    const numbers = Array.from({ length: 20 }, (_, index) => index);
    const answers = await Promise.all(
      numbers.map((number) =>
        clients.session(async (client) => {
          await client.query("select set_config('own.number', $1, false)", [String(number)]);
          await client.query("select pg_sleep(0.2)");
          const { rows } = await client.query<{ number: string }>(
            "select current_setting('own.number') as number, repeat('x', 100000)",
          );
          return Number(rows[0]?.number);
        }),
      ),
    );
    expect(answers).toEqual(numbers);
  });

  test("applies back-pressure to the server for a slow reader", async () => {
    await clients.session(async (client) => {
      const stream = streamOf(client);
      const result = client.query("select repeat('x', 100000) from generate_series(1, 2000)");
      stream.once("data", () => stream.pause());
      const waits = async (): Promise<unknown> => {
        const { rows } = await routed.administer((admin) =>
          admin.query<{ wait_event: string }>(
            "select wait_event from pg_stat_activity where query like '%generate_series(1, 2000)' and pid <> pg_backend_pid()",
          ),
        );
        return rows[0]?.wait_event;
      };
      await sleep(1000);
      expect(await waits()).toBe("ClientWrite");
      stream.resume();
      expect((await result).rowCount).toBe(2000);
    });
  });

  test("stays open after the client's end until the server has answered", async () => {
    const client = clients.client();
    await client.connect();
    const answer = client.query("select 42 as answer from pg_sleep(0.3)");
    streamOf(client).end();
    expect((await answer).rows).toEqual([{ answer: 42 }]);
  });

  test("passes on the server's own errors", async () => {
    const error = await clients.session((client) =>
      client.query("select 1 / 0").catch((cause: unknown) => cause),
    );
    expect(error).toMatchObject({ code: "22012", message: "division by zero" });
    const wrong = clients.client();
    Object.assign(wrong, { password: "wrong" });
    await expect(wrong.connect()).rejects.toMatchObject({ code: "28P01" });
  });

  withPsql("supports COPY in and out with libpq", async () => {
    const lines = Array.from({ length: 100_000 }, (_, n) => `${n}\t${"y".repeat(50)}`);
    const copied = await clients.psql(
      [
        "-c",
        "create temporary table t (n int, y text)",
        "-c",
        "copy t from stdin",
        "-c",
        "copy t to stdout",
      ],
      { input: `${lines.join("\n")}\n` },
    );
    expect(copied.stderr).toBe("");
    expect(copied.status).toBe(0);
    expect(copied.stdout).toBe(`${lines.join("\n")}\n`);
  });

  withPsql("passes on libpq's cancel request", async () => {
    const began = async (): Promise<void> => {
      for (;;) {
        const { rowCount } = await routed.administer((client) =>
          client.query("select from pg_stat_activity where wait_event = 'PgSleep'"),
        );
        if (rowCount === 1) return;
      }
    };
    const cancelled = await clients.psql(["-c", "select pg_sleep(60)"], { interruptWhen: began });
    expect(cancelled.stderr).toContain("canceling statement due to user request");
  });
});
