import { CATALOGUE, OBJECTIVES } from "../../components/objectives/plan/catalogue";
import type { CatalogueEntry } from "../../components/objectives/plan/objective";
import { valueText } from "../../components/objectives/plan/readable-value";
import { code, table } from "./markdown-table";
import { pageWithParts } from "./page-parts";

/** docs/monitoring.md, with the table of objectives. @param root the project's folder */
export function monitoringPage(root: string): string {
  const budgets = OBJECTIVES.filter(({ budget }) => budget).map(({ name }) => name);
  const limits = CATALOGUE.map((objective) => {
    const { name, title, subjects, target, critical, lasts } = objective;
    return [
      `[${name}](runbooks/${name}.md)`,
      subjects.length > 1 ? "both" : subjects.join(),
      title,
      limitText(objective, target),
      budgets.includes(name) ? "burn rate" : limitText(objective, critical),
      valueText(lasts, "seconds"),
    ];
  });
  const reasons = CATALOGUE.map(({ name, query, reason }) => [
    name,
    query === undefined ? "" : code([query]),
    reason,
  ]);
  return pageWithParts(root, "docs/monitoring.md", {
    objectives: table(["Objective", "Of", "What", "Target", "Critical", "Lasts"], limits),
    reasons: table(["Objective", "Named query", "Reason of its limits"], reasons),
  });
}

function limitText({ good, unit }: CatalogueEntry, limit: number | undefined): string {
  if (limit === undefined) return "";
  return `${good === "below" ? "≤" : "≥"} ${valueText(limit, unit)}`;
}
