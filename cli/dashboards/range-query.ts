/** Reads the history of a query from the Prometheus of a stack. */
import type { StackOutputs } from "../../components/outputs/outputs";
import { hostAndPort } from "../../components/text/address";
import { UserError } from "../../engine/engine";
import { findLogin, npmCommand } from "../../engine/read-outputs";

/** Seconds. */
const STEP = 15;
const HISTORY = 3600;

/** The values of one series, by their time in seconds. */
export interface History {
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [time: number, value: number])[];
}

export type RangeQuery = (expr: string) => Promise<readonly History[]>;

/**
 * Returns what reads the last hour of a query.
 * @throws UserError if the stack runs no Prometheus
 */
export function rangeQuery(outputs: StackOutputs, stack: string, now: Date): RangeQuery {
  const { prometheus } = outputs;
  if (prometheus?.running !== true) {
    throw new UserError(
      `Stack ${stack} runs no Prometheus to draw from. On this machine, set monitoring.enabled to true and run ` +
        `${npmCommand("up", stack)}. For another Prometheus, import the dashboards into its Grafana.`,
    );
  }
  const place = hostAndPort(prometheus.host, prometheus.port);
  const { user, password } = findLogin(outputs, "prometheus");
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const end = Math.floor(now.getTime() / 1000);
  return async (expr) => {
    const parameters = new URLSearchParams({
      query: expr,
      start: String(end - HISTORY),
      end: String(end),
      step: String(STEP),
    });
    const response = await fetch(`http://${place}/api/v1/query_range?${parameters.toString()}`, {
      headers: { authorization },
      signal: AbortSignal.timeout(30_000),
    }).catch((error: unknown) => {
      throw new UserError(
        `Prometheus on ${place} does not answer. Run ${npmCommand("up", stack)}.`,
        { cause: error },
      );
    });
    if (!response.ok) {
      throw new UserError(`Prometheus on ${place} answered ${response.status} to ${expr}.`);
    }
    const { data } = (await response.json()) as Answer;
    return data.result.map(({ metric, values }) => ({
      labels: metric,
      values: values.map(([time, value]) => [time, Number(value)] as const),
    }));
  };
}

/** Prometheus' answer to a range query. */
interface Answer {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly values: readonly (readonly [number, string])[];
    }[];
  };
}
