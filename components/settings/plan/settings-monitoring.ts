import { z } from "zod";
import { CATALOGUE } from "../../objectives/plan/catalogue";
import { booleanSetting, withDocumentation } from "./settings-fields";

const NAMES = CATALOGUE.map(({ name }) => name);

const limit = (description: string) =>
  withDocumentation(
    z.number(),
    description,
    "a number in the objective's unit; a share is between 0 and 1",
    "alerts, dashboards and npm run status all use it",
  ).optional();

/** The settings `monitoring`. */
export const monitoring = z.strictObject({
  enabled: booleanSetting(
    "Whether metrics and alarms are set up.",
    "without monitoring, failures go unnoticed",
  ).default(true),
  objectives: z
    .partialRecord(
      withDocumentation(
        z.enum(NAMES),
        "An objective.",
        "the name of an objective in docs/monitoring.md",
        "only those are watched",
      ),
      z.strictObject({
        target: limit("Value beyond which the objective is missed: a warning."),
        critical: limit("Value beyond which somebody has to act now."),
      }),
    )
    .default({}),
  runbooks: withDocumentation(
    z
      .string()
      .min(1)
      .regex(/^(https?:\/\/)?[\w.~%@:+-]+(\/[\w.~%@:+-]+)*$/),
    "Address of the folder of runbooks, to which alerts link. Prometheus would expand braces in it.",
    "a path, or an address with http or https, without braces, blanks and a slash at its end, such as https://git.example.com/sark/databases/docs/runbooks",
    "the default is the path in the checkout, which a reader of an alert cannot click",
  ).default("docs/runbooks"),
});
