import { DATABASES, type DatabaseName } from "../../roles/plan/role-plan";
import { databaseSettings } from "../../settings/plan/database-settings";
import type { Settings } from "../../settings/plan/settings-schema";
import { awsHome } from "../aws/plan/home-aws";
import { kubernetesHome } from "../kubernetes/plan/home-kubernetes";
import { localHome } from "../local/plan/home-local";
import type { Home, HomeRequest } from "./home";
import type { HomeName } from "./home-name";
import type { PoolRuns } from "./server-runs";

/** Every home, a line each. */
export const HOMES: Readonly<Record<HomeName, Home>> = {
  local: localHome,
  // Before Kubernetes, which it makes the storage of the backups for.
  aws: awsHome,
  kubernetes: kubernetesHome,
};

/** A home by a name from outside, such as that of a stack's outputs; undefined for none of these. */
export function homeNamed(name: string): Home | undefined {
  return Object.hasOwn(HOMES, name) ? HOMES[name as HomeName] : undefined;
}

/** The home of a database. */
export function homeOf(settings: Settings, database: DatabaseName): Home {
  return HOMES[databaseSettings(settings, database).home];
}

/** The home that PgBouncer runs in, and how many processes of it. One pool serves both databases. */
export function poolRuns(settings: Settings): PoolRuns {
  const home = homeOf(settings, "sark").workloads;
  return { home, instances: HOMES[home].pool.single ? 1 : settings.pool.instances };
}

/** What a stack asks of the home with this name. */
export function requestOf(settings: Settings, name: HomeName): HomeRequest {
  const isHere = (database: DatabaseName) => databaseSettings(settings, database).home === name;
  const isServed = (database: DatabaseName) => homeOf(settings, database).workloads === name;
  const served = DATABASES.filter(
    (database) =>
      isServed(database) && (homeOf(settings, database).databases?.includes(database) ?? true),
  );
  return {
    databases: DATABASES.filter(isHere),
    served,
    foreign: DATABASES.filter((database) => !isHere(database)).map((database) => ({
      database,
      served: isServed(database),
    })),
    pool: settings.pool.enabled && served.length > 0,
    gateway: served.some((database) => homeOf(settings, database).gateway?.(settings, database)),
  };
}

/** What a stack asks of each home. */
export function requests(settings: Settings) {
  return (Object.keys(HOMES) as HomeName[]).map((name) => ({
    name,
    home: HOMES[name],
    request: requestOf(settings, name),
  }));
}
