import { HOMES, homeOf } from "../../homes/plan/registry";
import { DATABASES, type DatabaseName } from "../../roles/plan/role-plan";
import { settingKey } from "../../settings/plan/setting-key";
import type { Settings } from "../../settings/plan/settings-stack";
import type { Problem } from "../../text/problem";

/** Loopback port through which the program reaches one database. */
export interface RelayPort {
  readonly database: DatabaseName;
  /** Path of the setting of the port. */
  readonly setting: readonly string[];
  /** Whether the setting is set; then no other port is used. */
  readonly named: boolean;
  /** The configured port, or the usual one. Unset: any free port. */
  readonly port: number | undefined;
}

/** Relay ports of a stack. Those with a configured port come first, so that none is taken as a free port. */
export function relayPorts(settings: Settings): readonly RelayPort[] {
  const relays = DATABASES.flatMap((database) => {
    const relay = homeOf(settings, database).relay?.(settings, database);
    return relay ? [{ database, ...relay }] : [];
  });
  const reserved = [...localPorts(settings), ...relays].map(({ port }) => port);
  return relays
    .map(({ defaultPort, ...relay }) => ({
      ...relay,
      named: relay.port !== undefined,
      port: relay.port ?? (reserved.includes(defaultPort) ? undefined : defaultPort),
    }))
    .sort((left, right) => Number(right.named) - Number(left.named));
}

/** Ports of local processes. */
function localPorts(settings: Settings) {
  return Object.values(HOMES).flatMap((home) => home.ports?.(settings) ?? []);
}

/** Port conflicts between settings. A port that is not set gives way. */
export function portProblems(settings: Settings): readonly Problem[] {
  const ports = [
    ...localPorts(settings).map((each) => ({ ...each, free: "" })),
    ...relayPorts(settings).flatMap(({ setting, named, port }) =>
      named ? [{ setting, port, free: ", or unset, for a free port" }] : [],
    ),
  ];
  return ports.flatMap(({ setting, port, free }, at) => {
    const earlier = ports.slice(0, at).find((other) => other.port === port);
    if (earlier === undefined) return [];
    return [
      {
        key: settingKey(setting),
        value: String(port),
        allowed: `a port other than ${earlier.setting.join(".")}${free}`,
        why: "only one process can listen on a port",
      },
    ];
  });
}
