import {
  AGGREGATE_FACTS,
  HYPERTABLE_FACTS,
} from "../../components/hypertables/plan/hypertable-facts";
import { code, table } from "./markdown-table";
import { pageWithParts } from "./page-parts";

/** docs/schema.md, with the hypertables and aggregates as their facts say. @param root the project's folder */
export function schemaPage(root: string): string {
  const hypertables = Object.entries(HYPERTABLE_FACTS).map(([name, { holds, migration }]) => [
    ...[code([name]), holds],
    ...[migration.chunkInterval, migration.compressAfter, migration.dropAfter],
  ]);
  const aggregates = Object.entries(AGGREGATE_FACTS).map(
    ([name, { holds, chunkDays, retentionDays }]) => [
      ...[code([name]), holds, `${chunkDays} days`, "no", `${retentionDays} days`],
    ],
  );
  return pageWithParts(root, "docs/schema.md", {
    hypertables: table(
      ["`sark_audit`", "Holds", "Chunk", "Compressed after", "Kept"],
      [...hypertables, ...aggregates],
    ),
  });
}
