import { type BudgetInput, RDS_SESSIONS } from "../../../../connections/plan/connection-sums";
import type { DatabaseName } from "../../../../roles/plan/role-plan";
import {
  type Settings,
  databaseSettings,
  replicaCount,
} from "../../../../settings/plan/settings-schema";

/** Sessions that the home of a database keeps for itself: RDS for its administrators and its own programs. */
export function providerSessions(
  settings: Settings,
  database: DatabaseName,
): Pick<BudgetInput, "reserved" | "providerReserved"> {
  return databaseSettings(settings, database).home === "aws" ? RDS_SESSIONS : {};
}

/** Servers that follow a database's primary, the one in a second region among them. */
export function followerCount(settings: Settings, database: DatabaseName): number {
  const { home } = databaseSettings(settings, database);
  const elsewhere = home === "aws" && settings.aws?.secondRegion?.replica !== undefined ? 1 : 0;
  return replicaCount(settings, database) + elsewhere;
}
