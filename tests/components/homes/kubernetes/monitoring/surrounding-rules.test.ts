/** Rules that give series of the kubelet and cert-manager the stack's labels, run by promtool. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";
import {
  certificateRules,
  volumeRules,
} from "../../../../../components/homes/kubernetes/monitoring/plan/surrounding-rules";
import type { RecordingRule } from "../../../../../components/objectives/plan/alert-rules";
import { promtool } from "../../../../support/promtool";

let folder: string;

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "sark-rules-"));
});

afterAll(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

type Values = Readonly<Record<string, number>>;

/** What promtool says of rules that should record these series from the others. */
function recorded(rules: readonly RecordingRule[], given: Values, wanted: Values): string {
  const write = (name: string, content: unknown): string => {
    fs.writeFileSync(path.join(folder, name), stringify(content));
    return path.join(folder, name);
  };
  const test = write("test.yml", {
    rule_files: [write("rules.yml", { groups: [{ name: "recordings", rules }] })],
    evaluation_interval: "1m",
    tests: [
      {
        interval: "1m",
        input_series: Object.entries(given).map(([series, value]) => ({
          series,
          values: `${value}x5`,
        })),
        promql_expr_test: [...new Set(rules.map(({ record }) => record))].map((expr) => ({
          expr,
          eval_time: "5m",
          exp_samples: Object.entries(wanted)
            .filter(([labels]) => labels.startsWith(`${expr}{`))
            .map(([labels, value]) => ({ labels, value })),
        })),
      },
    ],
  });
  const { stdout, stderr } = spawnSync(promtool(), ["test", "rules", test], { encoding: "utf8" });
  return stdout + stderr;
}

const claim = (metric: string, namespace: string, name: string, node: string) =>
  `kubelet_volume_stats_${metric}_bytes{namespace="${namespace}",persistentvolumeclaim="${name}",node="${node}"}`;

it("volumes of a cluster's servers are recorded with server and volume, and no others", () => {
  const given = {
    [claim("available", "sark-databases", "sark-g2-1", "a")]: 40,
    [claim("capacity", "sark-databases", "sark-g2-1", "a")]: 100,
    [claim("available", "sark-databases", "sark-g2-1-wal", "a")]: 5,
    [claim("capacity", "sark-databases", "sark-g2-1-wal", "a")]: 10,
    // Seen by two nodes while the pod moves.
    [claim("available", "sark-databases", "sark-g2-2", "a")]: 30,
    [claim("available", "sark-databases", "sark-g2-2", "b")]: 31,
    // The old cluster, a cluster with a longer name, and another stack.
    [claim("available", "sark-databases", "sark-1", "a")]: 1,
    [claim("available", "sark-databases", "sark-g22-1", "a")]: 1,
    [claim("available", "other", "sark-g2-1", "a")]: 1,
  };
  const labels = (server: string, volume: string) =>
    `{database="sark",server="${server}",stack="dev",volume="${volume}"}`;
  const rules = volumeRules(
    { database: "sark", recovery: { generation: 2 } },
    "sark-databases",
    "dev",
  );
  expect(
    recorded(rules, given, {
      [`sark_volume_free_bytes${labels("sark-g2-1", "data")}`]: 40,
      [`sark_volume_free_bytes${labels("sark-g2-1", "wal")}`]: 5,
      [`sark_volume_free_bytes${labels("sark-g2-2", "data")}`]: 30,
      [`sark_volume_bytes${labels("sark-g2-1", "data")}`]: 100,
      [`sark_volume_bytes${labels("sark-g2-1", "wal")}`]: 10,
    }),
  ).toContain("SUCCESS");
});

it.each([
  'namespace="sark-databases"',
  'exported_namespace="sark-databases",namespace="cert-manager"',
])("certificates of the pool are recorded by name with %s", (namespace) => {
  const expiry = (name: string, where: string) =>
    `certmanager_certificate_expiration_timestamp_seconds{name="${name}",${where}}`;
  const given = {
    [expiry("pgbouncer", namespace)]: 1000,
    [expiry("pgbouncer-ca", namespace)]: 2000,
    [expiry("website", namespace)]: 1,
    [expiry("pgbouncer", 'namespace="other"')]: 1,
  };
  const labels = (server: string) => `{database="pool",server="${server}",stack="dev"}`;
  expect(
    recorded(certificateRules("sark-databases", "dev"), given, {
      [`sark_certificate_expiry_seconds${labels("pgbouncer")}`]: 1000,
      [`sark_certificate_expiry_seconds${labels("pgbouncer-ca")}`]: 2000,
    }),
  ).toContain("SUCCESS");
});
