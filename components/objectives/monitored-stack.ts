import * as pulumi from "@pulumi/pulumi";
import type { ConnectionPool } from "../pool/connection-pool";
import type { DatabaseLayer } from "../database-layer/database-layer";
import { homeOf } from "../homes/plan/registry";
import type { Settings } from "../settings/plan/settings-stack";
import { DASHBOARDS } from "./plan/dashboards";
import { grafanaDashboard } from "./plan/grafana-dashboard";
import { type RuleGroup, ruleGroup } from "./plan/alert-rules";
import { maxScheduleGapDays } from "../text/schedule";
import { DAY, partsOf, type Subject } from "./plan/objective";

/** A stack's databases and pool, with their alert rules. */
export interface MonitoredStack {
  readonly stack: string;
  readonly databases: readonly DatabaseLayer[];
  readonly pool: ConnectionPool | undefined;
  /** Recording and alerting rules of a database, or of the pool. */
  readonly rules: (subject: Subject) => RuleGroup;
  /** Dashboards for Grafana. */
  readonly dashboards: () => readonly Dashboard[];
}

/** Grafana's JSON of a dashboard. */
interface Dashboard {
  readonly uid: string;
  readonly json: string;
}

/** What a home needs to monitor a stack. */
export function monitoredStack(
  settings: Settings,
  databases: readonly DatabaseLayer[],
  pool: ConnectionPool | undefined,
): MonitoredStack {
  const stack = pulumi.getStack();
  const { objectives, runbooks } = settings.monitoring;
  // A backup may finish on the day after it started.
  const backupAge = { critical: (maxScheduleGapDays(settings.backups.schedule) + 1) * DAY };
  const overrides = {
    ...objectives,
    "backup-age": { ...backupAge, ...objectives["backup-age"] },
  };
  return {
    stack,
    databases,
    pool,
    rules: (subject) => {
      const layer = databases.find(({ server }) => server.database === subject);
      const watched = layer
        ? watchedDatabase(settings, layer)
        : { expected: { replicas: 0, migrations: 0 }, has: pool?.exports ?? [] };
      return ruleGroup({ stack, subject, ...watched }, { overrides, runbooks });
    },
    dashboards: () =>
      DASHBOARDS.map((plan) => ({
        uid: plan.uid,
        json: JSON.stringify(grafanaDashboard(plan, { stack, overrides, runbooks })),
      })),
  };
}

function watchedDatabase(settings: Settings, { server, migrations }: DatabaseLayer) {
  const { database, plan, lacks = [], exports = [], servers } = server;
  const { replicas } = homeOf(settings, database).serverSpec(settings, database, plan);
  return {
    expected: { replicas, migrations: migrations.length },
    has: [...partsOf(lacks, replicas), ...exports],
    servers,
  };
}
