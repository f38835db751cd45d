import { UserError, type Progress } from "../engine";
import { shortCause } from "../failure-cause";
import { readPreview, type PreviewDiagnostic, type PulumiPreview } from "./pulumi-preview";
import type { PulumiRun } from "./pulumi-process";

/** What a run of `pulumi preview --json` found; its warnings are passed on. @throws UserError when it failed */
export function readPlan(run: PulumiRun, progress: Progress): PulumiPreview {
  if (!run.stdout.trimStart().startsWith("{")) throw failure(run);
  const preview = readPreview(run.stdout);
  if (run.code !== 0) throw failure(run, preview.diagnostics);
  const warnings = preview.diagnostics.filter(({ severity }) => severity === "warning");
  for (const text of new Set(warnings.map(({ message }) => message))) {
    progress.message("warning", text.replace(/^warning: /, "").trim());
  }
  return preview;
}

/**
 * A message of the CLI's without the values that a step has and its plan has not: among them it prints secrets in plain
 * text. The first property's name stays.
 */
export function withoutPlannedValues(text: string): string {
  return text.replace(
    /(violates plan: properties changed: )[=+~-]{2}([\w.-]*)[^]*/,
    (_all, what: string, name: string) =>
      `${what}${name} and maybe others; their values are not shown`,
  );
}

/** A run that failed, as an error: its cause, and with it all that the CLI says. */
export function failure(run: PulumiRun, diagnostics: readonly PreviewDiagnostic[] = []): UserError {
  const detail = explain(run, diagnostics);
  return new UserError(shortCause(detail), { detail });
}

/** What the CLI says of a run that failed. */
export function explain(run: PulumiRun, diagnostics: readonly PreviewDiagnostic[]): string {
  const errors = diagnostics
    .filter(({ severity }) => severity === "error")
    .map(({ message }) => message.replace(/^error: /, "").trim());
  const text = [...new Set(errors), run.stderr.replace(/^error: /gm, "").trim()];
  return (
    text.filter(Boolean).map(withoutPlannedValues).join("\n") ||
    (run.code === null ? "The Pulumi CLI was killed." : `The Pulumi CLI ended with ${run.code}.`)
  );
}
