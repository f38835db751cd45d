import { DATABASES, type DatabaseName } from "../../roles/plan/role-plan";
import { databaseSettings } from "../../settings/plan/database-settings";
import type { Settings } from "../../settings/plan/settings-stack";
import { awsHome } from "../aws/plan/home-aws";
import { kubernetesHome } from "../kubernetes/plan/home-kubernetes";
import { localHome } from "../local/plan/home-local";
import type { Home, HomeRequest } from "./home";
import type { PoolSpec } from "./server-spec";

/** All homes by the name of their directory, whose `open-<name>.ts` makes a home's resources. */
export const HOMES: Readonly<Record<string, Home>> = {
  local: localHome,
  // Before Kubernetes: AWS makes the storage for its backups.
  aws: awsHome,
  kubernetes: kubernetesHome,
};

/** Names of the settings that are secrets. */
export const SECRETS = [
  ...new Set(Object.values(HOMES).flatMap(({ settings }) => settings.secrets ?? [])),
];

/** Looks up a home by an unchecked name, such as one from a stack's outputs; undefined if unknown. */
export function findHome(name: string): Home | undefined {
  return Object.hasOwn(HOMES, name) ? HOMES[name] : undefined;
}

/** Returns the home with a name from the settings or another home. @throws Error for an unknown name */
export function requireHome(name: string): Home {
  const home = findHome(name);
  if (home) return home;
  throw new Error(`unknown home: ${name}`);
}

/** The home of a database. */
export function homeOf(settings: Settings, database: DatabaseName): Home {
  return requireHome(databaseSettings(settings, database).home);
}

/** The home that runs PgBouncer, and the number of its processes. One pool serves both databases. */
export function poolSpec(settings: Settings): PoolSpec {
  const home = homeOf(settings, "sark").workloads;
  return { home, instances: requireHome(home).pool.single ? 1 : settings.pool.instances };
}

/** The tasks that a stack gives to the home with this name. */
export function homeRequest(settings: Settings, name: string): HomeRequest {
  const isHere = (database: DatabaseName) => databaseSettings(settings, database).home === name;
  const served = servedIn(settings, name);
  const guests = served
    .filter((database) => !isHere(database))
    .map((each) => homeOf(settings, each));
  const [clients] = Object.entries(HOMES).flatMap(
    ([each, home]) => home.clients?.(settings, servedIn(settings, each)) ?? [],
  );
  return {
    databases: DATABASES.filter(isHere),
    served,
    pool: settings.pool.enabled && served.length > 0,
    gateway: served.some((database) => homeOf(settings, database).gateway?.(settings, database)),
    outside: guests.flatMap((home) => home.outside?.(settings) ?? [])[0],
    clients,
  };
}

/** The databases whose pool and jobs run in a home. */
function servedIn(settings: Settings, name: string): readonly DatabaseName[] {
  return DATABASES.filter((database) => homeOf(settings, database).workloads === name);
}

/** The tasks that a stack gives to each home. */
export function homeRequests(settings: Settings) {
  return Object.entries(HOMES).map(([name, home]) => ({
    name,
    home,
    request: homeRequest(settings, name),
  }));
}
