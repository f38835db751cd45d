import {
  AGGREGATE_FACTS,
  HYPERTABLE_FACTS,
} from "../../components/hypertables/plan/hypertable-facts";
import { code, table } from "./markdown-table";
import { pageWithParts } from "./page-parts";

/** docs/schema.md, with the table of hypertables and aggregates. @param root the project's folder */
export function schemaPage(root: string): string {
  const facts = Object.entries({ ...HYPERTABLE_FACTS, ...AGGREGATE_FACTS });
  const rows = facts.map(([name, { holds, migration }]) => {
    const { chunkInterval, compressAfter, dropAfter } = { compressAfter: "no", ...migration };
    return [code([name]), holds, chunkInterval, compressAfter, dropAfter];
  });
  const head = ["`sark_audit`", "Content", "Chunk interval", "Compressed after", "Retention"];
  return pageWithParts(root, "docs/schema.md", { hypertables: table(head, rows) });
}
