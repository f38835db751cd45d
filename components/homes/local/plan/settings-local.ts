import { z } from "zod";
import { isHost } from "../../../text/address";
import {
  auditKeys,
  type AuditSettings,
  databaseKeys,
  noReplicasSetting,
  parameters,
  recoveryKeys,
  replicasSetting,
} from "../../../settings/plan/settings-database";
import {
  enumSetting,
  endpointSettings,
  withDocumentation,
  tcpPortSetting,
} from "../../../settings/plan/settings-fields";
import type { Settings } from "../../../settings/plan/settings-stack";

/** Settings of the local home. */
export const localSettings = z
  .strictObject({
    ports: z
      .strictObject({
        sark: tcpPortSetting("PostgreSQL, primary.").default(15432),
        sarkReplica: tcpPortSetting("PostgreSQL, replica.").default(15433),
        audit: tcpPortSetting("TimescaleDB.").default(15434),
        pool: tcpPortSetting("PgBouncer.").default(16432),
        prometheus: tcpPortSetting("Prometheus.").default(19090),
        metrics: tcpPortSetting("Exporter of the servers' metrics.").default(19187),
        poolMetrics: tcpPortSetting("PgBouncer's exporter.").default(19127),
      })
      .prefault({}),
  })
  .prefault({});

export const localSark = z.strictObject({
  home: z.literal("local"),
  ...databaseKeys,
  majorVersion: withDocumentation(
    z.literal(18),
    "Major version of PostgreSQL.",
    "18",
    "the embedded server of the local home is PostgreSQL 18",
  ).default(18),
  parameters,
  recovery: z.strictObject(recoveryKeys).optional().meta({
    description: "Restores the server from a backup, as new data beside the old data.",
  }),
  replicas: replicasSetting(1, 1, "the local home has a port for one replica"),
});

/** Has no `parameters`: the stack cannot set those of the embedded TimescaleDB or of an existing server. */
export const localAudit = z.strictObject({
  home: z.literal("local"),
  ...databaseKeys,
  ...auditKeys,
  replicas: noReplicasSetting("the embedded TimescaleDB cannot be replicated"),
  external: z
    .strictObject({
      ...endpointSettings.shape,
      host: withDocumentation(
        z.string().refine((host) => isHost(host) || host.startsWith("/")),
        "Name or address.",
        "a host name, an address without brackets and port, or the folder of a Unix socket",
        "the stack connects to it",
      ),
      user: withDocumentation(
        z.string().min(1),
        "Superuser. Its password is the secret sark-databases:auditPassword.",
        "a role's name",
        "the stack creates roles and extensions as this user",
      ),
      sslMode: enumSetting(
        ["disable", "verify-full"],
        "TLS to the server.",
        "the modes between them do not verify the server's identity",
      ).default("verify-full"),
    })
    .optional()
    .meta({
      description:
        "An existing TimescaleDB server, in place of the embedded one of the local home.",
    }),
});

/** A stack's settings, with the group of the local home. */
export interface LocalStack extends Settings {
  local: z.output<typeof localSettings>;
}

type LocalAudit = z.output<typeof localAudit>;

/** The existing audit server; undefined for the embedded one. */
export function externalServer({ audit }: Settings): LocalAudit["external"] {
  return isLocal(audit) ? audit.external : undefined;
}

function isLocal(audit: AuditSettings): audit is LocalAudit {
  return audit.home === "local";
}
