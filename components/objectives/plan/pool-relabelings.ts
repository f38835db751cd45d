/** A relabeling of Prometheus, with the names of its fields in the operator's objects. */
interface Relabeling {
  readonly action?: "labeldrop";
  readonly sourceLabels?: string[];
  readonly regex?: string;
  readonly targetLabel?: string;
  readonly replacement?: string;
}

/**
 * Relabelings that give PgBouncer's metrics one set of names, whatever the exporter's version. Its label `database` is
 * the pool's entry, and Prometheus has moved it out of the way of the stack's own; beside the name of the real database
 * the entry is called `name`. From 0.11 on the exporter has `totals` in the names of statistics.
 */
export const POOL_RELABELINGS: readonly Relabeling[] = [
  { sourceLabels: ["exported_database"], targetLabel: "entry" },
  { sourceLabels: ["name"], regex: "(.+)", targetLabel: "entry" },
  { action: "labeldrop", regex: "exported_database" },
  {
    sourceLabels: ["__name__"],
    regex: "pgbouncer_stats_totals_(.+)",
    targetLabel: "__name__",
    replacement: "pgbouncer_stats_$1",
  },
];
