import { table } from "../../scripts/generated/markdown-table";
import type { Layout, LookUp } from "./candidates";
import type { Before, Measured } from "./measure";

export interface Result extends Measured {
  readonly layout: Layout;
}

/** A Markdown table, best layout first. The layout of the migrations is bold. */
export function report(
  title: string,
  before: Before,
  measured: readonly Result[],
  lookUps: readonly LookUp[],
  shipped: Layout,
): string {
  const heads = ["Segment by", "Order by", "Saved", "Bytes a row", "Batches"];
  const rows = measured
    .toSorted((a, b) => b.saved - a.saved)
    .map(({ layout, saved, bytes, batches, lookUps: looked }) => {
      const strong = sameLayout(layout, shipped) ? "**" : "";
      const name = (columns: string): string =>
        `${strong}${columns === "" ? "none" : `\`${columns}\``}${strong}`;
      return [
        name(layout.segmentBy),
        name(layout.orderBy),
        `${(saved * 100).toFixed(1)} %`,
        (bytes / before.rows).toFixed(1),
        batches.toLocaleString("en"),
        ...looked.map(({ pages }) => String(pages)),
      ];
    });
  return [
    `${title}: ${before.rows.toLocaleString("en")} rows in ${before.chunks} chunks, ` +
      `${(before.bytes / before.rows).toFixed(0)} bytes a row before.`,
    "",
    table([...heads, ...lookUps.map(({ name }) => `Pages: ${name}`)], rows),
    "",
  ].join("\n");
}

function sameLayout(a: Layout, b: Layout): boolean {
  return a.segmentBy === b.segmentBy && a.orderBy === b.orderBy;
}
