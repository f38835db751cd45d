import { HYPERTABLES } from "./figures";
import { postgresInterval } from "./intervals";
import type { HypertablePlan } from "./plan";

/**
 * The golden dump of `sark_audit` as a database has it once `database:Hypertables` was applied: the lines `chunks by` and
 * `job policy_retention` of each hypertable say what the plan says. Continuous aggregates keep what the files say.
 */
export function withHypertables(
  golden: string,
  plan: Pick<HypertablePlan, "chunkInterval" | "dropAfter">,
): string {
  let table: (typeof HYPERTABLES)[number] | undefined;
  return golden
    .split("\n")
    .map((line) => {
      if (line !== "" && !line.startsWith(" ")) {
        table = HYPERTABLES.find((name) => line === `hypertable public.${name}`);
      }
      if (table === undefined) return line;
      const interval = postgresInterval(plan.chunkInterval[table]);
      return line
        .replace(/^( {2}chunks by .* every ).*$/, `$1${interval}`)
        .replace(
          /^( {2}job policy_retention .*"drop_after": )"[^"]*"/,
          `$1"${plan.dropAfter[table]}"`,
        );
    })
    .join("\n");
}
