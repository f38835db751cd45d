import type { AddressInfo } from "node:net";
import type { Server } from "node:http";
import { once } from "node:events";
import {
  metricsServer,
  type MetricsTarget,
} from "../../../../../components/homes/local/monitoring/metrics-server";
import type { MetricQuery } from "../../../../../components/objectives/plan/metric-queries";
import { freePort } from "../../../../../components/homes/local/processes/ports";
import {
  type ScratchPostgres,
  startScratchPostgres,
} from "../../../../../scratch/scratch-postgres";

const QUERIES: readonly MetricQuery[] = [
  {
    name: "broken",
    sql: "select 1 / 0 as broken",
    metrics: [{ column: "broken", kind: "gauge", help: "Never." }],
    labels: [],
  },
  {
    name: "rows",
    sql: `values ('a"b\\', 1.5), ('c', null), ('d', 9007199254740993)`,
    metrics: [{ column: "column2", kind: "gauge", help: "Rows." }],
    labels: ["column1"],
  },
  {
    name: "counts",
    sql: "select 7 as done_total",
    metrics: [{ column: "done_total", kind: "counter", help: "Done." }],
    labels: [],
  },
];

let postgres: ScratchPostgres;
let server: Server;
let address: string;
const log: string[] = [];

beforeAll(async () => {
  postgres = await startScratchPostgres();
  const { host, port, user, password } = postgres;
  const up: MetricsTarget = { host, port, user, password, database: "postgres", queries: QUERIES };
  server = metricsServer({
    targets: {
      "/metrics/up": up,
      "/metrics/down": { ...up, port: await freePort() },
      "/metrics/refused": { ...up, password: "wrong" },
    },
    username: "sark",
    password: "a secret",
    log: (line) => log.push(line),
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}, 60_000);

afterAll(async () => {
  server.close();
  await postgres.stop();
});

function get(path: string, credentials = "sark:a secret", method = "GET"): Promise<Response> {
  const authorization = `Basic ${Buffer.from(credentials).toString("base64")}`;
  return fetch(`${address}${path}`, { method, headers: { authorization } });
}

describe("metrics server", () => {
  it("publishes the columns of each query, with labels, and leaves out a query that fails", async () => {
    const response = await get("/metrics/up");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("text/plain");
    expect((await response.text()).split("\n").filter(Boolean)).toEqual([
      "# HELP sark_column2 Rows.",
      "# TYPE sark_column2 gauge",
      'sark_column2{column1="a\\"b\\\\"} 1.5',
      'sark_column2{column1="d"} 9007199254740992',
      "# HELP sark_done_total Done.",
      "# TYPE sark_done_total counter",
      "sark_done_total 7",
    ]);
    expect(log.join("\n")).toContain("broken: division by zero");
  });

  it.each(["/metrics/down", "/metrics/refused"])(
    "says of %s that its server is down, and nothing else",
    async (path) => {
      const lines = (await (await get(path)).text()).split("\n").filter((line) => /^\w/.test(line));
      expect(lines).toEqual(["sark_server_up 0"]);
      expect(log.join("\n")).not.toContain("a secret");
      expect(log.join("\n")).not.toContain(postgres.password);
    },
  );

  it("answers who has the password, and only for its servers", async () => {
    for (const wrong of ["sark:", "sark:a secre", "sark:a secret ", "other:a secret", ""]) {
      expect((await get("/metrics/up", wrong)).status).toBe(401);
    }
    expect((await fetch(`${address}/metrics/up`)).status).toBe(401);
    for (const path of [
      "/",
      "/metrics",
      "/metrics/other",
      "/metrics/up?x",
      "/metrics/constructor",
    ]) {
      expect((await get(path)).status).toBe(404);
    }
    expect((await get("/metrics/up", undefined, "POST")).status).toBe(404);
  });
});
