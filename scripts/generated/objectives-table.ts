import { OBJECTIVES } from "../../components/objectives/plan/catalogue";
import {
  DAY,
  HOUR,
  MINUTE,
  type Objective,
  type Unit,
} from "../../components/objectives/plan/objective";
import { code, table } from "./markdown-table";
import { pageWithParts } from "./page-parts";

/** docs/monitoring.md, with the table of objectives. @param root the project's folder */
export function monitoringPage(root: string): string {
  const limits = OBJECTIVES.map((objective) => {
    const { name, title, subjects, target, critical, lasts } = objective;
    return [
      `[${name}](runbooks/${name}.md)`,
      subjects.length > 1 ? "both" : subjects.join(),
      title,
      limitText(objective, target),
      objective.budget ? "burn rate" : limitText(objective, critical),
      timeText(lasts),
    ];
  });
  const reasons = OBJECTIVES.map(({ name, query, reason }) => [name, code([query]), reason]);
  return pageWithParts(root, "docs/monitoring.md", {
    objectives: table(["Objective", "Of", "What", "Target", "Critical", "Lasts"], limits),
    reasons: table(["Objective", "Named query", "Reason of its limits"], reasons),
  });
}

function limitText({ good, unit }: Objective, limit: number | undefined): string {
  if (limit === undefined) return "";
  return `${good === "below" ? "≤" : "≥"} ${valueText(limit, unit)}`;
}

function valueText(value: number, unit: Unit): string {
  switch (unit) {
    case "bytes":
      return `${value / 2 ** 30} GiB`;
    case "count":
      return value.toLocaleString("en-GB");
    case "perSecond":
      return `${value}/s`;
    case "seconds":
      return timeText(value);
    case "share":
      return `${Number((value * 100).toFixed(2))} %`;
  }
}

function timeText(seconds: number): string {
  if (seconds < 1) return `${Number((seconds * 1000).toFixed(3))} ms`;
  if (seconds < MINUTE) return `${seconds} s`;
  if (seconds < HOUR) return `${seconds / MINUTE} min`;
  return seconds < DAY ? `${seconds / HOUR} h` : `${seconds / DAY} d`;
}
