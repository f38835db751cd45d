import { tune, type Workload } from "../../../components/parameters/formulas/tune";
import { tunedParameters } from "../../../components/parameters/formulas/tuned-parameters";
import { planMachine } from "../../../components/parameters/formulas/machine-plan";
import { MB } from "../../../components/parameters/formulas/bytes";
import { code, list, table } from "../markdown-table";
import { pageWithParts } from "../page-parts";
import {
  pgtuneTable,
  reasonList,
  TIME_SERIES_MACHINE,
  timescaledbTuneTable,
} from "./tool-comparison";
import { GUIDE_MACHINE, guideDifferences } from "./guide";

/** docs/tuning.md, with its tables. @param root the project's folder */
export function tuningPage(root: string): string {
  return pageWithParts(root, "docs/tuning.md", {
    "memory of the guide's machine": memoryTable(),
    formulas: list(formulas.map(formulaItem)),
    homes: homesList(),
    "differences from the guide": guideDifferences(),
    pgtune: pgtuneTable(),
    "timescaledb-tune": timescaledbTuneTable(),
    reasons: reasonList(),
  });
}

function memoryTable(): string {
  const { items } = planMachine(GUIDE_MACHINE).memory;
  const sum = items.reduce((all, { bytes }) => all + bytes, 0);
  return table(
    ["Part", "At 8 GB"],
    [...items, { name: "sum", bytes: sum }].map(({ name, bytes }) => [
      name,
      `${Math.round(bytes / MB).toLocaleString("en-US")} MB`,
    ]),
  );
}

interface Formula {
  readonly parameters: readonly string[];
  /** Undefined for both workloads. */
  readonly workload: Workload | undefined;
  readonly formula: string;
}

/** The formula of every parameter that depends on the machine. */
export const formulas: readonly Formula[] = tunedParameters.flatMap(
  ({ set, workload, formula = {} }) => {
    const parameters = Object.keys(set);
    if (typeof formula === "string") return [{ parameters, workload, formula }];
    return (["oltp", "time-series"] as const).flatMap((each) => {
      const text = formula[each];
      return text === undefined ? [] : [{ parameters, workload: each, formula: text }];
    });
  },
);

/** @throws Error for a parameter that is not tuned */
function formulaItem({ parameters, workload, formula }: Formula): [string, string] {
  const set = tune(workload === "time-series" ? TIME_SERIES_MACHINE : GUIDE_MACHINE);
  const settings = parameters.map((name) => {
    const found = set.find((one) => one.name === name);
    if (found === undefined) throw new Error(`${name} has a formula but is not tuned`);
    return found.setting;
  });
  const limited = workload === undefined ? "" : `${code([workload])}: `;
  return [`${code(parameters)} (${limited}${code(settings)})`, formula];
}

/** The parameters that a home restricts, forces or does not set. */
function homesList(): string {
  const items = tunedParameters.flatMap(({ set, local, kubernetes, aws = {}, awsReplica }) => {
    const { leftOut, forced, words } = aws;
    const treatments = [
      local && ["local, with a replica", `allows ${local.allowed}`, local.why],
      kubernetes && ["kubernetes", `allows ${kubernetes.allowed}`, kubernetes.why],
      leftOut !== undefined && ["aws", "not set", leftOut],
      forced && ["aws", `always ${code([forced.value])}`, forced.why],
      words && !forced && ["aws", `allows ${code(words)}`, "RDS accepts no other value"],
      awsReplica && ["aws, replicas", "another value", awsReplica.why],
    ];
    return treatments.flatMap((row) => (row ? [homeItem(Object.keys(set), row)] : []));
  });
  return list(items);
}

function homeItem(
  parameters: readonly string[],
  [home = "", difference = "", why = ""]: readonly string[],
): [string, string] {
  return [`${code(parameters)} (${home}: ${difference})`, why];
}
