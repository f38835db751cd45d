/** HTTP server with the metrics of each server, in Prometheus' text format. */
import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Client } from "pg";
import { Counter, Gauge, Registry } from "prom-client";
import { connectClient } from "../../../connections/connect";
import { type MetricQuery, PREFIX } from "../../../objectives/plan/metric-queries";
import type { Samples } from "../../../objectives/plan/samples";
import { readMetrics } from "../../../objectives/read-metrics";
import { printable } from "../../../text/printable";

/** A server whose metrics are published, and the queries that it answers. */
export interface MetricsTarget {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Milliseconds for the connection. @default 5000 */
  readonly patience?: number | undefined;
  /** Whether it uses TLS and verifies the server. @default false */
  readonly ssl?: boolean | undefined;
  readonly queries: readonly MetricQuery[];
}

export interface MetricsOptions {
  /** By the path that they are published under. */
  readonly targets: Readonly<Record<string, MetricsTarget>>;
  readonly username: string;
  readonly password: string;
  readonly log: (line: string) => void;
}

/** Milliseconds. Prometheus gives up after ten seconds. */
const CONNECT_TIMEOUT = 5000;
const QUERY_TIMEOUT = 8000;

/** Answers `GET /metrics/<server>` for who has the password. Every request reads anew, in a session of its own. */
export function metricsServer({ targets, username, password, log }: MetricsOptions): Server {
  const expected = digest(`${username}:${password}`);
  /** The last line of each target: a fault that stays is logged once. */
  const logged = new Map<string, string>();
  return createServer((request, response) => {
    const answer = async (): Promise<void> => {
      if (!timingSafeEqual(digest(credentialsOf(request)), expected)) {
        response.writeHead(401, { "WWW-Authenticate": "Basic" }).end();
        return;
      }
      const target = targets[request.url ?? ""];
      if (request.method !== "GET" || target === undefined) {
        response.writeHead(404).end();
        return;
      }
      const lines: string[] = [];
      const registry = await metricsOf(target, (line) => lines.push(line));
      const text = `${target.database} on port ${target.port}: ${lines.join("; ")}`;
      if (lines.length > 0 && logged.get(request.url ?? "") !== text) log(text);
      logged.set(request.url ?? "", text);
      const body = await registry.metrics();
      response.writeHead(200, { "Content-Type": registry.contentType }).end(body);
    };
    answer().catch((error: unknown) => {
      log(printable(String(error)));
      response.writeHead(500).end();
    });
  });
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function credentialsOf({ headers }: IncomingMessage): string {
  const [, encoded = ""] = /^Basic (\S+)$/.exec(headers.authorization ?? "") ?? [];
  return Buffer.from(encoded, "base64").toString();
}

/** All metrics of a server. One that does not answer has a single one, which says so. */
async function metricsOf(target: MetricsTarget, log: (line: string) => void): Promise<Registry> {
  const { queries, patience = CONNECT_TIMEOUT, ...address } = target;
  const registry = new Registry();
  let client: Client | undefined;
  try {
    client = await connectClient({
      ...address,
      application_name: "sark metrics",
      connectionTimeoutMillis: patience,
      query_timeout: QUERY_TIMEOUT,
    });
    const samples = await readMetrics(client, queries);
    for (const query of queries) addMetrics(registry, query, samples);
    for (const failure of samples.reasons()) log(printable(failure));
  } catch (error) {
    log(printable(String(error)));
    registry.clear();
    new Gauge({
      name: `${PREFIX}server_up`,
      help: "1 if the server answers a query.",
      registers: [registry],
    }).set(0);
  } finally {
    await client?.end().catch(() => undefined);
  }
  return registry;
}

/** A query that failed has no metrics. */
function addMetrics(
  registry: Registry,
  { metrics, labels: labelNames }: MetricQuery,
  samples: Samples,
): void {
  for (const { column, kind, help } of metrics) {
    const name = `${PREFIX}${column}`;
    const series = samples.series(name);
    if (series.length === 0) continue;
    const config = { name, help, labelNames, registers: [registry] };
    if (kind === "gauge") {
      const gauge = new Gauge(config);
      for (const { labels, value } of series) gauge.set(labels, value);
    } else {
      const counter = new Counter(config);
      for (const { labels, value } of series) counter.inc(labels, value);
    }
  }
}
