import * as fs from "node:fs";
import * as path from "node:path";
import { DASHBOARDS } from "../../components/objectives/plan/dashboards";
import { grafanaDashboard } from "../../components/objectives/plan/grafana-dashboard";
import { writing } from "../../components/files/files";
import type { Engine, StackRef } from "../../engine/engine";
import { count } from "../../engine/names";
import { requireOutputs } from "./known-stack";
import type { Terminal } from "../report/terminal";

/** Where the runbooks lie in the checkout, which holds the dashboards as well. */
const RUNBOOKS = "docs/runbooks";

/** Writes the dashboards as JSON, with the stack's limits, to be imported into a Grafana by hand. */
export async function writeDashboards(
  folder: string,
  engine: Engine,
  ref: StackRef,
  terminal: Terminal,
): Promise<number> {
  const { objectives = {} } = await requireOutputs(engine, ref, terminal);
  const target = path.resolve(folder);
  writing(target, () => {
    fs.mkdirSync(target, { recursive: true });
    for (const plan of DASHBOARDS) {
      const dashboard = grafanaDashboard(plan, { overrides: objectives, runbooks: RUNBOOKS });
      fs.writeFileSync(
        path.join(target, `${plan.uid}.json`),
        `${JSON.stringify(dashboard, null, 2)}\n`,
      );
    }
  });
  terminal.line(`${count(DASHBOARDS.length, "dashboard")} written to ${target}.`);
  return 0;
}
