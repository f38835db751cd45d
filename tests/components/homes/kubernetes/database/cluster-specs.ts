import type { DatabaseName } from "../../../../../components/roles/plan/role-plan";
import { describedCluster } from "../../../../support/built-cluster";
import { kubernetesStack } from "../../../../support/registered";

export type Changes = Readonly<Record<string, unknown>>;

/** Settings of a development stack's `sark`, with changes. */
export const sark = (more: Changes) => ({ sark: { home: "kubernetes", instances: 1, ...more } });

/** Bucket settings with changes. */
export const bucket = (more: Changes) => ({
  path: "s3://sark-dev-backups/folder",
  retentionDays: 30,
  ...more,
});

/** The validated `spec` of a cluster. */
export function specOf(changes: Changes = {}, database: DatabaseName = "sark") {
  const cluster = describedCluster(kubernetesStack(changes), database);
  cluster.validate();
  return cluster.spec;
}
