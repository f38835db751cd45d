import { HOMES, homeOf } from "../../homes/plan/registry";
import { DATABASES, type DatabaseName } from "../../roles/plan/role-plan";
import { settingKey } from "../../settings/plan/setting-key";
import type { Settings } from "../../settings/plan/settings-stack";
import type { Problem } from "../../text/problem";

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

/** The relays of a stack, those with a named port first: nothing else may take that. */
export function relayPorts(settings: Settings): readonly RelayPort[] {
  const relays = DATABASES.flatMap((database) => {
    const relay = homeOf(settings, database).relay?.(settings, database);
    return relay ? [{ database, ...relay }] : [];
  });
  const reserved = [...listening(settings), ...relays].map(({ port }) => port);
  return relays
    .map(({ usual, ...relay }) => ({
      ...relay,
      named: relay.port !== undefined,
      port: relay.port ?? (reserved.includes(usual) ? undefined : usual),
    }))
    .sort((left, right) => Number(right.named) - Number(left.named));
}

/** The ports of processes on this machine. */
function listening(settings: Settings) {
  return Object.values(HOMES).flatMap((home) => home.ports?.(settings) ?? []);
}

/** Two settings that name the same port; one that is left out gives way. */
export function portProblems(settings: Settings): readonly Problem[] {
  const ports = [
    ...listening(settings).map((each) => ({ ...each, free: "" })),
    ...relayPorts(settings).flatMap(({ setting, named, port }) =>
      named ? [{ setting, port, free: ", or nothing, for a free one" }] : [],
    ),
  ];
  return ports.flatMap(({ setting, port, free }, at) => {
    const earlier = ports.slice(0, at).find((other) => other.port === port);
    if (earlier === undefined) return [];
    return [
      {
        key: settingKey(setting),
        value: String(port),
        allowed: `another port than that of ${earlier.setting.join(".")}${free}`,
        why: "one port serves one process",
      },
    ];
  });
}
