/** Files of the monitoring processes. All hold or guard passwords, so only their owner can read them. */
import { hash } from "bcryptjs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { RuleGroup } from "../../../objectives/plan/alert-rules";
import {
  metricsPath,
  prometheusConfig,
  type ScrapeTarget,
  type ServerTarget,
  USERNAME,
} from "../plan/prometheus-config";
import { writePrivately } from "../processes/private-files";
import { HOST } from "../processes/ports";
import type { ServiceUser } from "../processes/service-user";
import type { MetricsOptions, MetricsTarget } from "./metrics-server";

/**
 * Work factor of the password's hash in the programs' own format. The password is random, so that nobody could guess it
 * at any speed, and each scrape costs little.
 */
const BCRYPT_ROUNDS = 4;

/** Everything that the files are made of. */
export interface MonitoringConfig {
  readonly password: string;
  readonly rules: readonly RuleGroup[];
  readonly servers: readonly { readonly target: ServerTarget; readonly reads: MetricsTarget }[];
  readonly ports: { readonly metrics: number; readonly poolMetrics: number };
  /** PgBouncer's console. */
  readonly pool:
    | {
        readonly target: ScrapeTarget;
        readonly port: number;
        readonly user: string;
        readonly password: string;
      }
    | undefined;
}

export function monitoringFiles(folder: string) {
  const file = (name: string): string => join(folder, name);
  return {
    metrics: file("metrics.json"),
    poolArguments: file("pool-exporter.args"),
    prometheus: file("prometheus.yml"),
    rules: file("rules.yml"),
    password: file("password.txt"),
    web: file("web.yml"),
    data: file("data"),
    log: file("log"),
  };
}

/** Texts of all files, by path. */
export async function renderFiles(
  folder: string,
  { password, rules, servers, ports, pool }: MonitoringConfig,
): Promise<Readonly<Record<string, string>>> {
  const files = monitoringFiles(folder);
  const metrics: Omit<MetricsOptions, "log"> = {
    username: USERNAME,
    password,
    targets: Object.fromEntries(servers.map(({ target, reads }) => [metricsPath(target), reads])),
  };
  const config = prometheusConfig({
    servers: {
      address: `${HOST}:${ports.metrics}`,
      targets: servers.map(({ target }) => target),
    },
    pool: pool && { address: `${HOST}:${ports.poolMetrics}`, target: pool.target },
    login: { username: USERNAME, passwordFile: files.password },
    rulesFile: files.rules,
  });
  return {
    [files.metrics]: JSON.stringify(metrics),
    [files.poolArguments]: pool ? poolArguments(pool) : "",
    [files.prometheus]: stringify(config),
    [files.rules]: stringify({ groups: rules }),
    [files.password]: password,
    [files.web]: stringify({
      basic_auth_users: { [USERNAME]: await hash(password, BCRYPT_ROUNDS) },
    }),
  };
}

/** The exporter reads its arguments from a file, one in each line, as other users can list a process's own. */
function poolArguments({ port, user, password }: NonNullable<MonitoringConfig["pool"]>): string {
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return `--pgBouncer.connectionString=postgres://${login}@${HOST}:${port}/pgbouncer?sslmode=disable\n`;
}

export function writeFiles(
  texts: Readonly<Record<string, string>>,
  user: ServiceUser | undefined,
): void {
  for (const [file, text] of Object.entries(texts)) writePrivately(file, text, user);
}
