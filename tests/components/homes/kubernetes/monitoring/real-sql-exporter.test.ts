/** Runs sql_exporter itself, if it is on the PATH, against a PostgreSQL with TLS and the schema of sark. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { stringify } from "yaml";
import { exporterPod } from "../../../../../components/homes/kubernetes/monitoring/exporter-pod";
import {
  collectorFile,
  EXPORTER_PATHS,
  exporterConfig,
  type ExporterTarget,
  SQL_EXPORTER_PORT,
} from "../../../../../components/homes/kubernetes/monitoring/plan/exporter-config";
import { freePort } from "../../../../../components/homes/local/processes/ports";
import { serviceUser } from "../../../../../components/homes/local/processes/service-user";
import { ledgerSql } from "../../../../../components/migrations/runner/ledger";
import { rolePlan } from "../../../../../components/roles/plan/role-plan";
import { makeAuthority } from "../../../../../scratch/certificates";
import { migratedSark, type TestServer } from "../../../../../scratch/migrated";
import { temporaryFolder } from "../../../../../scratch/scratch-postgres";
import { collectorOf, exportedByExporter } from "./exported-metrics";

jest.setTimeout(120_000);

interface Container {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
}

const PROGRAM = "sql_exporter";
const isHere = spawnSync(PROGRAM, ["-version"], { stdio: "ignore" }).error === undefined;

(isHere ? describe : describe.skip)(
  `sql_exporter${isHere ? "" : " (skipped: it is not on the PATH)"}`,
  () => {
    let server: TestServer;
    let exporter: ChildProcess;
    let address: string;
    let folder: string;
    let log = "";

    beforeAll(async () => {
      folder = temporaryFolder("sql-exporter-");
      const authority = makeAuthority("an authority");
      const { certificate, key } = authority.sign("DNS:localhost");
      server = await migratedSark({
        max_slot_wal_keep_size: "1GB",
        ssl: "on",
        ssl_cert_file: ownedFile("server.crt", certificate),
        ssl_key_file: ownedFile("server.key", key),
      });
      const admin = await server.connect("postgres");
      await admin.query(ledgerSql(new Client(), rolePlan("sark", 1).ledgerReaders));
      const { port, password } = server;
      const login = { port, user: "sark_monitor", password, database: "sark" };
      address = await startExporter(
        [
          { ...login, name: "sark-prod", role: "primary" },
          { ...login, name: "sark-prod-replica-1", role: "replica" },
          { ...login, name: "sark-prod-replica-2", role: "replica" },
        ],
        // The certificate does not contain the last one.
        ["localhost", "localhost", "127.0.0.1"],
        authority.certificate,
      );
    });

    afterAll(async () => {
      exporter.kill();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    function ownedFile(name: string, text: string): string {
      const path = join(folder, name);
      writeFileSync(path, text, { mode: 0o600 });
      const owner = serviceUser();
      if (owner) chownSync(path, owner.uid, owner.gid);
      return path;
    }

    /** Starts it with the arguments and files of the pod, in other folders. */
    async function startExporter(
      targets: readonly ExporterTarget[],
      hosts: readonly string[],
      certificate: string,
    ): Promise<string> {
      const paths = {
        ...EXPORTER_PATHS,
        config: join(folder, "config"),
        queries: join(folder, "queries"),
        authority: join(folder, "authority"),
      };
      for (const each of [paths.config, paths.queries, paths.authority]) mkdirSync(each);
      writeFileSync(
        join(paths.config, paths.configFile),
        stringify(exporterConfig(targets, paths)),
        { mode: 0o600 },
      );
      writeFileSync(join(paths.authority, paths.authorityFile), certificate);
      for (const role of ["primary", "replica"] as const) {
        writeFileSync(join(paths.queries, collectorFile(role)), stringify(collectorOf(role)));
      }
      const port = await freePort();
      const authority = { secret: "", key: "" };
      const plan = { name: "", image: "", hosts, secret: "", configMap: "", authority };
      const { containers } = exporterPod(plan).spec as { containers: Container[] };
      const { args = [], env = [] } = containers[0] ?? {};
      const moved = args.map((each) =>
        each
          .replace(EXPORTER_PATHS.config, paths.config)
          .replace(`:${SQL_EXPORTER_PORT}`, `127.0.0.1:${port}`),
      );
      exporter = spawn(PROGRAM, moved, {
        env: {
          PATH: process.env["PATH"],
          ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
        },
        stdio: ["ignore", "pipe", "pipe"],
      });
      for (const stream of [exporter.stdout, exporter.stderr]) {
        stream?.on("data", (chunk: Buffer) => (log += chunk.toString()));
      }
      const at = `http://127.0.0.1:${port}`;
      for (;;) {
        if (exporter.exitCode !== null) throw new Error(log);
        if (
          await fetch(`${at}/healthz`).then(
            ({ ok }) => ok,
            () => false,
          )
        )
          return at;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }

    /** Series of a reading, with the labels that Prometheus keeps. */
    async function read() {
      const headers = { "X-Prometheus-Scrape-Timeout-Seconds": "3" };
      const text = await (await fetch(`${address}/metrics`, { headers })).text();
      return text
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("#"))
        .map((line) => {
          const [, metric = "", labels = "", value = ""] =
            /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
          const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
          return { metric, labels: new Map(pairs.map(([, k = "", v = ""]) => [k, v])), value };
        });
    }

    it("publishes each metric of the rules with its labels, and no other", async () => {
      const series = (await read()).filter(({ metric }) => metric.startsWith("sark_"));
      const found = new Map<string, string>();
      for (const { metric, labels } of series) {
        found.set(
          metric,
          [...labels.keys()]
            .filter((label) => label !== "job")
            .sort()
            .join(),
        );
      }
      const exported = [...exportedByExporter("sark")].map(([metric, labels]) => [
        metric,
        labels
          .filter((label) => !["stack", "database"].includes(label))
          .sort()
          .join(),
      ]);
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(exported));
    });

    it("asks each server the queries of its role", async () => {
      const series = await read();
      const servers = (metric: string) =>
        series.flatMap((each) => (each.metric === metric ? [each.labels.get("server")] : []));
      expect(servers("sark_primary_up")).toEqual(["sark-prod"]);
      expect(servers("sark_replica_lag_seconds")).toEqual(["sark-prod-replica-1"]);
      expect(servers("sark_server_up")).toEqual(["sark-prod", "sark-prod-replica-1"]);
    });

    it("refuses a server whose certificate has another name", async () => {
      const up = (await read()).filter(({ metric }) => metric === "up");
      expect(Object.fromEntries(up.map((each) => [each.labels.get("server"), each.value]))).toEqual(
        { "sark-prod": "1", "sark-prod-replica-1": "1", "sark-prod-replica-2": "0" },
      );
      expect(log).toContain("certificate");
    });

    it("takes one session on each server", async () => {
      await Promise.all([read(), read(), read()]);
      const admin = await server.connect("postgres");
      const { rows } = await admin.query(
        "select application_name from pg_stat_activity where usename = 'sark_monitor'",
      );
      const session = { application_name: "sark metrics" };
      expect(rows).toEqual([session, session]);
    });

    it("opens another session instead of one that hangs", async () => {
      const admin = await server.connect("postgres");
      const { rows } = await admin.query<{ pid: number }>(
        "select pid from pg_stat_activity where usename = 'sark_monitor'",
      );
      for (const { pid } of rows) process.kill(pid, "SIGSTOP");
      expect((await read()).map(({ metric }) => metric)).not.toContain("sark_server_up");
      expect((await read()).map(({ metric }) => metric)).toContain("sark_server_up");
      for (const { pid } of rows) process.kill(pid, "SIGCONT");
    });

    it("shows no password in its log and pages", async () => {
      const pages = await Promise.all(
        ["/", "/config", "/metrics"].map(async (page) => (await fetch(`${address}${page}`)).text()),
      );
      for (const text of [...pages, log]) expect(text).not.toContain(server.password);
    });
  },
);
