import type { Settings } from "../../../../settings/plan/settings-schema";
import type { WatchedServer } from "./shape";
import { serverClass } from "../../database/plan/instance-classes";
import {
  primaryIdentifier,
  replicaIdentifiers,
  secondRegionReplica,
} from "../../database/plan/instances";
import type { AwsNames } from "../../plan/aws-names";
import { type Role, plannedParameters } from "../../database/plan/parameter-maps";
import { GP3, volume } from "../../database/plan/rds-storage";

const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** What is watched in each region; alarms are a region's own. */
export interface WatchedServers {
  readonly main: readonly WatchedServer[];
  readonly second: readonly WatchedServer[];
}

/**
 * The servers of `sark` on RDS. One that was promoted is a primary, and so is the one before it, which others may still
 * follow.
 * @throws Error when no class was found, which the settings' own check refuses before
 */
export function watchedServers(settings: Settings, names: AwsNames): WatchedServers {
  const { promoted } = settings.sark.rds;
  const identifiers = replicaIdentifiers(settings, names);
  const abroad = secondRegionReplica(settings, names);
  const following = identifiers.length + (abroad === undefined ? 0 : 1);
  const replica = (identifier: string, isPromoted: boolean): WatchedServer => ({
    ...madeAs(settings, "replica"),
    identifier,
    role: isPromoted ? "primary" : "replica",
    replicas: 0,
  });
  const primary: WatchedServer = {
    ...madeAs(settings, "primary"),
    identifier: primaryIdentifier(settings, names),
    role: "primary",
    replicas: promoted === undefined ? following : following - 1,
  };
  return {
    main: [
      primary,
      ...identifiers.map((identifier, index) => replica(identifier, promoted === index + 1)),
    ],
    second: abroad === undefined ? [] : [replica(abroad, promoted === "second-region")],
  };
}

/** A promoted replica keeps its class and its parameters. */
function madeAs(
  settings: Settings,
  role: Role,
): Omit<WatchedServer, "identifier" | "role" | "replicas"> {
  const parameters = plannedParameters(settings, role);
  const valueOf = (name: string) =>
    Number(parameters.find((each) => each.name === name)?.value ?? -1);
  const allocated = volume(settings).allocated * GiB;
  // MiB. A log without a bound may fill the volume: a tenth of it is a sign.
  const log = (name: string) => (valueOf(name) > 0 ? valueOf(name) * MiB : allocated / 10);
  const held = valueOf("max_standby_streaming_delay");
  return {
    maxConnections: valueOf("max_connections"),
    machine: serverClass(settings, role),
    volume: watchedVolume(settings),
    wal: { max: log("max_wal_size"), slots: log("max_slot_wal_keep_size") },
    reportSeconds: held < 0 ? LONGEST_REPORT : held / 1000,
  };
}

/** Seconds; of a replica that would wait for a report without end. */
const LONGEST_REPORT = 900;

/** Without a speed of its own a volume has the least that RDS makes. */
function watchedVolume(settings: Settings): WatchedServer["volume"] {
  const { allocated, iops, throughput } = volume(settings);
  return {
    size: allocated * GiB,
    iops: iops ?? GP3.below.iops,
    throughput: throughput ?? GP3.below.throughput,
  };
}
