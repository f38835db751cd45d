import type { Client } from "pg";
import { projectRoot } from "../../files/project-root";
import { bindQuery, valuesFor } from "../../queries/plan/bind-query";
import { readQueries } from "../../queries/query-folder";
import type { Outcome } from "../plan/check-result";

interface Finding {
  readonly status: string;
  readonly hypertable: string | null;
  readonly day: string | null;
}

/** Findings that a faithful copy cannot have unless its original has them: rows or digests were changed. */
const FAULTS = ["chain broken", "rows added", "rows changed", "rows missing"];

/** Verifies the digests of all days of the audit trail, by the named query. */
export async function checkDigests(client: Client): Promise<Outcome> {
  const verify = readQueries(projectRoot()).find(({ name }) => name === "verify-audit-digests");
  if (verify === undefined) throw new Error("sql/queries has no verify-audit-digests");
  const bound = await bindQuery(verify);
  const values = valuesFor(verify, bound, { within: "1000 years" });
  const { rows } = await client.query<Finding>(
    `select a.status, a.hypertable, a.day::text from (${bound.text}) as a`,
    [...values],
  );
  const faults = rows.filter(({ status }) => FAULTS.includes(status));
  if (faults.length > 0) {
    const shown = faults
      .slice(0, 5)
      .map((each) => `${each.hypertable} ${each.day}: ${each.status}`);
    const more = faults.length > 5 ? [`and ${faults.length - 5} more`] : [];
    return { passed: false, detail: [...shown, ...more].join("; ") };
  }
  const intact = rows.filter(({ status }) => status === "intact").length;
  return { passed: true, detail: `${intact} days with digests are intact` };
}
