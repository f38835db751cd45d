import { formulas, tune, type Formula } from "../../../components/parameters/formulas/tune";
import { planMemory } from "../../../components/parameters/formulas/memory";
import { MB } from "../../../components/parameters/formulas/bytes";
import { planWorkers } from "../../../components/parameters/formulas/workers";
import { code, table } from "../markdown-table";
import { pageWithParts } from "../page-parts";
import { pgtuneTable, reasonTable, TIME_SERIES_MACHINE, timescaledbTuneTable } from "./comparison";
import { GUIDE_MACHINE, guideTable } from "./guide";

/** docs/tuning.md, with its tables. @param root the project's folder */
export function tuningPage(root: string): string {
  return pageWithParts(root, "docs/tuning.md", {
    "memory of the guide's machine": memoryTable(),
    formulas: table(["Parameter", "Workload", "Figure", "Of 8 GB"], formulas.map(formulaRow)),
    "differences from the guide": guideTable(),
    pgtune: pgtuneTable(),
    "timescaledb-tune": timescaledbTuneTable(),
    reasons: reasonTable(),
  });
}

function memoryTable(): string {
  const { items } = planMemory(GUIDE_MACHINE, planWorkers(GUIDE_MACHINE));
  const sum = items.reduce((all, { bytes }) => all + bytes, 0);
  return table(
    ["Part", "Of 8 GB"],
    [...items, { what: "sum", bytes: sum }].map(({ what, bytes }) => [
      what,
      `${Math.round(bytes / MB).toLocaleString("en-US")} MB`,
    ]),
  );
}

/** @throws Error for a parameter that is not tuned */
function formulaRow({ parameters, workload, formula }: Formula): readonly string[] {
  const set = tune(workload === "time-series" ? TIME_SERIES_MACHINE : GUIDE_MACHINE);
  const settings = parameters.map((name) => {
    const found = set.find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is a formula for ${name}, which is not tuned`);
    return found.setting;
  });
  return [
    code(parameters),
    workload === undefined ? "" : code([workload]),
    formula,
    settings.join(", "),
  ];
}
