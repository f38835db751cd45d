import type { Settings } from "../../../settings/plan/settings-schema";

/** What a database on RDS is not, by its settings. */
export function limitsOf(settings: Settings): readonly string[] {
  const { availability, rds } = settings.sark;
  const sentences: readonly (readonly [boolean, string])[] = [
    [
      availability === "single",
      "it has one server: while that restarts or its zone fails, nobody is served",
    ],
    [
      settings.sark.replicas > 0 && rds.promoted === undefined,
      "reads from a replica may be behind: it follows the primary without being waited for",
    ],
    [
      rds.promoted !== undefined,
      "a replica was promoted: what still follows the old primary is no longer read from",
    ],
  ];
  return sentences.filter(([applies]) => applies).map(([, sentence]) => sentence);
}
