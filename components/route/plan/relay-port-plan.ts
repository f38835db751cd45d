import { clusteredDatabases, settingsName } from "../../settings/plan/database-settings";
import type { DatabaseName } from "../../roles/plan/role-plan";
import type { Settings } from "../../settings/plan/settings-schema";

/** The loopback port on which the program reaches one database. */
export interface RelayPort {
  readonly database: DatabaseName;
  /** Path of the setting that names the port. */
  readonly setting: readonly string[];
  /** Whether the setting does name it: then no other port will do. */
  readonly named: boolean;
  /** The named port, or the usual one. Unset: any free port. */
  readonly port: number | undefined;
}

/**
 * Ports that are tried first where no setting names one. The port is an input of the PostgreSQL provider: a new one in
 * each run would be a change in each preview.
 */
const USUAL = { sark: 25432, audit: 25434, rds: 25433 } as const;

/** The relays of a stack, those with a named port first: nothing else may take that. */
export function relayPorts(settings: Settings): readonly RelayPort[] {
  const { kubernetes, sark, aws, local } = settings;
  const relays = [
    ...clusteredDatabases(settings).map((database) => {
      const name = settingsName(database);
      const setting = ["kubernetes", "ports", name];
      return { database, setting, port: kubernetes.ports[name], usual: USUAL[name] };
    }),
    ...(sark.home === "aws" && aws
      ? [
          {
            database: "sark" as const,
            setting: ["aws", "localPort"],
            port: aws.localPort,
            usual: USUAL.rds,
          },
        ]
      : []),
  ];
  const reserved = [...Object.values(local.ports), ...relays.map(({ port }) => port)];
  return relays
    .map(({ usual, ...relay }) => ({
      ...relay,
      named: relay.port !== undefined,
      port: relay.port ?? (reserved.includes(usual) ? undefined : usual),
    }))
    .sort((left, right) => Number(right.named) - Number(left.named));
}
