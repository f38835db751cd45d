import type { Plan } from "../../engine/engine";
import type { Finding } from "../scan-findings";
import { accessRules } from "./access-controls";
import { watchingRules } from "./alarms";
import { backupRules } from "./backup-controls";
import { bucketRules } from "./bucket-controls";
import { forbiddenRules } from "./forbidden";
import { keyRules } from "./keys";
import { networkRules } from "./network-controls";
import { everywhere, optionRules } from "./option-controls";
import { parameterRules } from "./parameter-controls";
import type { Rule, Rules } from "./control";
import { serverRules } from "./server-controls";
import { PlanView, type Subject } from "./subject";

/** What must hold for everything that a stack which people rely on has on AWS. */
export const CONTROLS: readonly Rules[] = [
  ...serverRules,
  ...parameterRules,
  ...networkRules,
  ...keyRules,
  ...bucketRules,
  ...backupRules,
  ...accessRules,
  ...watchingRules,
  ...optionRules,
  ...forbiddenRules,
];

/** Rules that a plan breaks, by inputs and by Pulumi's options. */
export function controlFindings(plan: Pick<Plan, "resources">): readonly Finding[] {
  return new PlanView(plan).subjects.flatMap((subject) =>
    rulesFor(subject)
      .filter(([, , holds]) => !holds(subject))
      .map(([check, text]): Finding => {
        const { type, name } = subject;
        return { scanner: "controls", check, object: `${type} ${name}`, text };
      }),
  );
}

/** How many rules were asked of a plan's resources. */
export function controlsOf(plan: Pick<Plan, "resources">): number {
  return new PlanView(plan).subjects.flatMap(rulesFor).length;
}

function rulesFor(subject: Subject): readonly Rule[] {
  const own = CONTROLS.filter(({ type, of }) => type === subject.type && of(subject));
  const common = subject.isOnAws ? everywhere : [];
  return [...own.flatMap(({ rules }) => rules), ...common];
}
