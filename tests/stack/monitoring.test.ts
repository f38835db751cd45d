/** Alerts of a local stack, provoked and seen to fire and resolve in a real Prometheus. */
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { Client } from "pg";
import { runningTimescale } from "../../components/homes/local/timescale/server-process";
import { OBJECTIVES } from "../../components/objectives/plan/catalogue";
import { OUTER_NEEDS } from "../../components/objectives/plan/objective";
import { DASHBOARDS } from "../../components/objectives/plan/dashboards";
import { panelOf, queryOfStack } from "../../components/objectives/plan/dashboard-panels";
import { StackCopy } from "../../scratch/scratch-stack";
import { freePort } from "../../components/homes/local/processes/ports";
import { processState } from "../../components/homes/local/processes/process";
import { monitoringFiles } from "../../components/homes/local/monitoring/monitoring-files";

jest.setTimeout(300_000);

/** The embedded TimescaleDB has no background jobs, and nothing measures what lies around a server. */
const MISSING: readonly (string | undefined)[] = ["backgroundJobs", ...OUTER_NEEDS];
const AROUND = ["barman_cloud_", "sark_volume_"];

let stack: StackCopy;
let password: string;
let ports: Record<"prometheus" | "metrics" | "poolMetrics", number>;

beforeAll(async () => {
  stack = await StackCopy.make();
  ports = {
    prometheus: await freePort(),
    metrics: await freePort(),
    poolMetrics: await freePort(),
  };
  stack.configure((config) => {
    config["sark-databases:local"] = { ports: { ...stack.ports, ...ports } };
    config["sark-databases:monitoring"] = {
      enabled: true,
      // Small limits, so that a test can pass them.
      objectives: {
        connections: { target: 0.2 },
        deadlocks: { target: 0 },
        "long-transaction": { target: 1 },
        "lock-wait": { target: 0.5 },
      },
    };
  });
  await stack.mustRun("up", "--yes", "--engine", "embedded");
  password = (await stack.mustRun("secret", "prometheus")).stdout.trim();
  hurry();
});

afterAll(() => stack.remove());

/** Lets Prometheus read every two seconds, and alerts fire at once: their durations are tested by promtool. */
function hurry(): void {
  const { prometheus, rules } = monitoringFiles(monitoringFolder());
  const edit = (file: string, pattern: RegExp, by: string): void => {
    fs.writeFileSync(file, fs.readFileSync(file, "utf8").replaceAll(pattern, by));
  };
  edit(prometheus, /(_interval|_interval__|_timeout__): \d+s/g, "$1: 2s");
  edit(rules, /^( +)for: .*$/gm, "$1for: 0s");
  process.kill(
    Number(fs.readFileSync(path.join(monitoringFolder(), "prometheus.pid"), "utf8")),
    "SIGHUP",
  );
}

function monitoringFolder(): string {
  return fs.realpathSync(path.join(stack.folder, ".sark", "local", "monitoring"));
}

async function ask<T>(question: string, secret = password): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${ports.prometheus}/api/v1/${question}`, {
    headers: { authorization: `Basic ${Buffer.from(`sark:${secret}`).toString("base64")}` },
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return ((await response.json()) as { data: T }).data;
}

/** Some work for the servers and the pool, and an audit event; returns when Prometheus has read it twice. */
async function load(): Promise<void> {
  for (const login of ["sark_app", "sark_audit_app"]) {
    const url = (await stack.mustRun("secret", login, "--url", "--pool")).stdout.trim();
    const client = new Client({ connectionString: url });
    await client.connect();
    if (login === "sark_audit_app") {
      await client.query(
        `insert into public.audit_events (event_type, action, status, details) values ('login', 'login', 'success', '{}')`,
      );
    } else
      for (let count = 0; count < 50; count++) await client.query("select count(*) from users");
    await client.end();
  }
  await sleep(4000);
}

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: string;
}

async function firing(): Promise<readonly string[]> {
  const { alerts } = await ask<{ alerts: readonly Alert[] }>("alerts");
  const names = alerts
    .filter(({ state }) => state === "firing")
    .map(({ labels }) => labels["alertname"] ?? "");
  return [...new Set(names)].sort();
}

/** Server, health and error of each target that was read. */
async function readTargets(): Promise<readonly (readonly string[])[]> {
  const { activeTargets } = await ask<{
    activeTargets: readonly {
      labels: Record<string, string>;
      health: string;
      lastError: string;
    }[];
  }>("targets");
  return activeTargets
    .map(({ labels, health, lastError }) => [labels["server"] ?? "", health, lastError])
    .sort();
}

/** Waits until the firing alerts are as wanted, or a minute has passed; returns them. */
async function firingOnce(
  wanted: (names: readonly string[]) => boolean,
): Promise<readonly string[]> {
  for (const end = Date.now() + 60_000; ;) {
    const names = await firing();
    if (wanted(names) || Date.now() > end) return names;
    await sleep(500);
  }
}

async function administrator(port = stack.ports.sark): Promise<Client> {
  const { stdout } = await stack.mustRun("secret", "sark_admin");
  const client = new Client({
    host: "127.0.0.1",
    port,
    user: "postgres",
    database: "sark",
    password: stdout.trim(),
  });
  await client.connect();
  return client;
}

describe("Prometheus of a local stack", () => {
  it("has all rules, reads every target, and nothing fires", async () => {
    const { groups } = await ask<{
      groups: readonly { readonly rules: readonly { health: string; lastError?: string }[] }[];
    }>("rules");
    const rules = groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(80);
    const wanted = ["pool", "sark", "sark-audit", "sark-replica"].map((server) => [
      server,
      "up",
      "",
    ]);
    let targets = await readTargets();
    // Each target is read at a random moment of the first interval.
    for (let tries = 0; tries < 60 && !isDeepStrictEqual(targets, wanted); tries++) {
      await sleep(500);
      targets = await readTargets();
    }
    expect(targets).toEqual(wanted);
    expect(await firing()).toEqual([]);
  });

  it("returns data for every query of every dashboard", async () => {
    await load();
    const queries = DASHBOARDS.flatMap(({ rows }) =>
      rows.flatMap(({ panels }) => panels.flatMap((panel) => panelOf(panel).queries)),
    );
    expect(queries.length).toBeGreaterThan(50);
    const empty: string[] = [];
    for (const { expr } of queries) {
      const filled = queryOfStack(expr, "local");
      const { result } = await ask<{ result: readonly unknown[] }>(
        `query?query=${encodeURIComponent(filled)}`,
      );
      if (result.length === 0) empty.push(/objective="([^"]+)"/.exec(expr)?.[1] ?? expr);
    }
    // No alert fires here.
    const needing = OBJECTIVES.filter(({ needs }) => MISSING.includes(needs));
    const excused = [...needing.map(({ name }) => name), ...AROUND, "ALERTS"];
    expect(empty.filter((each) => !excused.some((name) => each.includes(name)))).toEqual([]);
  });

  it("is drawn as a page for each dashboard, with a chart in each panel that has data", async () => {
    const folder = path.join(stack.folder, "pages");
    await stack.mustRun("dashboards", folder, "--html");
    for (const { uid, rows } of DASHBOARDS) {
      const page = fs.readFileSync(path.join(folder, `${uid}.html`), "utf8");
      const panels = rows.flatMap((row) => row.panels.map((panel) => panelOf(panel)));
      const articles = page.split("<article>").slice(1);
      expect(articles).toHaveLength(panels.length);
      const empty = panels.filter((_, at) => articles[at]?.includes("<svg") !== true);
      // Alerts fire without delay here, so one may have fired.
      const excused = panels.filter(
        ({ objective, queries }) =>
          MISSING.includes(objective?.needs ?? "") ||
          queries.every(({ expr }) => AROUND.some((metric) => expr.includes(metric))),
      );
      expect(empty.filter(({ title }) => title !== "Firing alerts")).toEqual(excused);
      expect(page).not.toContain(password);
    }
  });

  it("gives no metric to who has no password", async () => {
    await expect(ask("alerts", "wrong")).rejects.toThrow("401");
    for (const port of [ports.metrics, ports.poolMetrics]) {
      for (const address of ["/metrics", "/metrics/sark", "/"]) {
        expect((await fetch(`http://127.0.0.1:${port}${address}`)).status).toBe(401);
      }
    }
  });

  it("keeps passwords out of arguments, environments, logs and the state's plain text", () => {
    const folder = monitoringFolder();
    const { metrics, poolArguments, log } = monitoringFiles(folder);
    const secrets = [
      password,
      ...Object.values(
        (
          JSON.parse(fs.readFileSync(metrics, "utf8")) as {
            targets: Record<string, { password: string }>;
          }
        ).targets,
      ).map((target) => target.password),
      decodeURIComponent(
        /:\/\/[^:]+:([^@]+)@/.exec(fs.readFileSync(poolArguments, "utf8"))?.[1] ?? "",
      ),
    ];
    expect(secrets.every((secret) => secret.length >= 16)).toBe(true);
    const pids = ["metrics", "pool-exporter", "prometheus"].map((name) =>
      fs.readFileSync(path.join(folder, `${name}.pid`), "utf8"),
    );
    const texts = [
      ...pids.flatMap((pid) =>
        ["cmdline", "environ"].map((file) => fs.readFileSync(`/proc/${pid}/${file}`, "utf8")),
      ),
      ...fs.readdirSync(log).map((name) => fs.readFileSync(path.join(log, name), "utf8")),
    ];
    for (const text of texts)
      for (const secret of secrets) expect(text.includes(secret)).toBe(false);
    for (const name of fs.readdirSync(folder)) {
      expect(fs.statSync(path.join(folder, name)).mode & 0o077).toBe(0);
    }
  });

  it("fires for eleven faults at once, and resolves them all", async () => {
    const admin = await administrator();
    await admin.query(`
      create table public.twice as select 1 as number from generate_series(1, 2);
      create table public.locked (number integer primary key);
      insert into public.locked values (1), (2);`);
    const clients: Client[] = [];
    // Invalid index, a parameter that waits for a restart, a migration that stopped half-way.
    await admin
      .query("create unique index concurrently twice_number on public.twice (number)")
      .catch(() => undefined);
    await admin.query("alter system set max_wal_senders = 77");
    await admin.query("select pg_reload_conf()");
    await admin.query(
      "insert into sark_migrations.started (name, hash) values ('000099_half.sql', '')",
    );
    // A deadlock.
    const [one, other] = [await administrator(), await administrator()];
    clients.push(one, other);
    await one.query("begin; update public.locked set number = number where number = 1");
    await other.query("begin; update public.locked set number = number where number = 2");
    await Promise.allSettled([
      one.query("update public.locked set number = number where number = 2"),
      other.query("update public.locked set number = number where number = 1"),
    ]);
    await Promise.allSettled([one.query("rollback"), other.query("rollback")]);
    // A long transaction, and a session that waits for its lock.
    await one.query("begin; lock table public.locked");
    const waits = other
      .query("set lock_timeout = 0; select from public.locked")
      .catch(() => undefined);
    // Many sessions, of which those of the pool wait for one another.
    const reader = new URL((await stack.mustRun("secret", "sark_readonly", "--url")).stdout.trim());
    for (let count = 0; count < 20; count++) {
      const client = new Client({ connectionString: reader.toString() });
      client.on("error", () => undefined);
      await client.connect();
      clients.push(client);
    }
    const pooled = new URL(
      (await stack.mustRun("secret", "sark_app", "--url", "--pool")).stdout.trim(),
    );
    pooled.pathname = "/sark_session";
    const queue = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const client = new Client({ connectionString: pooled.toString() });
        client.on("error", () => undefined);
        clients.push(client);
        await client.connect();
        return client.query("select 1").catch(() => undefined);
      }).map((each) => Promise.race([each, sleep(2000)])),
    );
    expect(queue).toHaveLength(6);
    // The replica is lost.
    const replica = fs.realpathSync(path.join(stack.folder, ".sark", "local", "sark-replica"));
    const pid = Number(
      fs.readFileSync(path.join(replica, "data", "postmaster.pid"), "utf8").split("\n")[0],
    );
    process.kill(pid, "SIGQUIT");
    // The audit database's server is lost.
    const audit = fs.realpathSync(path.join(stack.folder, ".sark", "local", "sark_audit"));
    process.kill(runningTimescale(audit)?.pid ?? -1, "SIGKILL");

    const expected = [
      "SarkConnections",
      "SarkDeadlocks",
      "SarkInvalidIndexes",
      "SarkLockWait",
      "SarkLongTransaction",
      "SarkPendingRestart",
      "SarkPoolLongestWait",
      "SarkPoolUse",
      "SarkReplicasMissing",
      "SarkServerDown",
      "SarkUnfinishedMigration",
    ];
    const fired = await firingOnce((names) => expected.every((name) => names.includes(name)));
    expect(expected.filter((name) => !fired.includes(name))).toEqual([]);

    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
    await waits;
    await admin.query("drop table public.twice, public.locked");
    await admin.query("delete from sark_migrations.started where name = '000099_half.sql'");
    await admin.query("alter system reset max_wal_senders");
    await admin.query("select pg_reload_conf()");
    await admin.query("select pg_stat_reset()");
    await admin.end();
    await stack.mustRun("up", "--yes");
    hurry();
    // These count what happened within an hour, and within five minutes.
    const slow = ["SarkConnectionWait", "SarkDeadlocks"];
    const left = await firingOnce((names) => names.every((name) => slow.includes(name)));
    expect(left.filter((name) => !slow.includes(name))).toEqual([]);
  });

  it("ends the services that a killed command started without noting their processes", async () => {
    const folder = monitoringFolder();
    const files = ["metrics", "pool-exporter", "prometheus"].map((name) =>
      path.join(folder, `${name}.pid`),
    );
    const read = () => files.map((file) => Number(fs.readFileSync(file, "utf8")));
    const before = read();
    for (const file of files) fs.rmSync(file);
    await stack.mustRun("up", "--yes");
    expect(before.filter((pid) => processState(pid) !== undefined)).toEqual([]);
    const after = read();
    for (const file of files) fs.rmSync(file);
    await stack.mustRun("destroy", "--yes");
    expect(after.filter((pid) => processState(pid) !== undefined)).toEqual([]);
  });
});
