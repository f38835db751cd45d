import * as fs from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { DASHBOARDS } from "../../components/objectives/plan/dashboards";
import { grafanaDashboard } from "../../components/objectives/plan/grafana-dashboard";
import { writing } from "../../components/files/files";
import type { StackOutputs } from "../../components/outputs/outputs";
import type { Engine, StackRef } from "../../engine/engine";
import { count } from "../../engine/names";
import { requireOutputs } from "../commands/known-stack";
import type { Terminal } from "../report/terminal";
import { dashboardPage } from "./dashboard-page";
import { rangeQuery } from "./range-query";

/** Where the runbooks lie in the checkout, which holds the dashboards as well. */
const RUNBOOKS = "docs/runbooks";

/**
 * Writes the dashboards with the stack's limits: as JSON to be imported into a Grafana by hand, or as pages with what
 * the stack's Prometheus has read.
 */
export async function writeDashboards(
  folder: string,
  html: boolean,
  engine: Engine,
  ref: StackRef,
  terminal: Terminal,
): Promise<number> {
  const outputs = await requireOutputs(engine, ref, terminal);
  const texts = html ? await pages(outputs, ref) : grafanaFiles(outputs, ref);
  const target = path.resolve(folder);
  writing(target, () => {
    fs.mkdirSync(target, { recursive: true });
    for (const [name, text] of texts) fs.writeFileSync(path.join(target, name), text);
  });
  terminal.line(`${count(DASHBOARDS.length, "dashboard")} written to ${target}.`);
  return 0;
}

type Files = readonly (readonly [name: string, text: string])[];

function grafanaFiles({ objectives = {} }: StackOutputs, { stack }: StackRef): Files {
  return DASHBOARDS.map((plan) => {
    const options = { stack, overrides: objectives, runbooks: RUNBOOKS };
    return [`${plan.uid}.json`, `${JSON.stringify(grafanaDashboard(plan, options), null, 2)}\n`];
  });
}

async function pages(outputs: StackOutputs, { root, stack }: StackRef): Promise<Files> {
  const now = new Date();
  const options = {
    stack,
    overrides: outputs.objectives ?? {},
    runbooks: pathToFileURL(path.join(root, RUNBOOKS)).href,
    query: rangeQuery(outputs, stack, now),
    now,
  };
  return Promise.all(
    DASHBOARDS.map(
      async (plan) => [`${plan.uid}.html`, await dashboardPage(plan, options)] as const,
    ),
  );
}
