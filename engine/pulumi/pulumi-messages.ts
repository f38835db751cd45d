import { UserError, type Progress } from "../engine";
import { shortCause } from "../failure-cause";
import { readPreview, type PreviewDiagnostic, type PulumiPreview } from "./pulumi-preview";
import type { PulumiRun } from "./pulumi-process";

/** Reads the plan of a `pulumi preview --json`, and passes its warnings on. @throws UserError if it failed */
export function readPlan(run: PulumiRun, progress: Progress): PulumiPreview {
  if (!run.stdout.trimStart().startsWith("{")) throw runError(run);
  const preview = readPreview(run.stdout);
  if (run.code !== 0) throw runError(run, preview.diagnostics);
  const warnings = preview.diagnostics.filter(({ severity }) => severity === "warning");
  for (const text of new Set(warnings.map(({ message }) => message))) {
    progress.message("warning", text.replace(/^warning: /, "").trim());
  }
  return preview;
}

/**
 * Removes the values from a message of the CLI about a step that violates its plan: among them are secrets in plain
 * text. The first property's name stays.
 */
export function withoutPlannedValues(text: string): string {
  return text.replace(
    /(violates plan: properties changed: )[=+~-]{2}([\w.-]*)[^]*/,
    (_all, what: string, name: string) =>
      `${what}${name} and maybe others; their values are not shown`,
  );
}

/** The error of a failed run: its message is the cause, its detail all output of the CLI. */
export function runError(
  run: PulumiRun,
  diagnostics: readonly PreviewDiagnostic[] = [],
): UserError {
  const detail = errorText(run, diagnostics);
  return new UserError(shortCause(detail), { detail });
}

/** The CLI's messages about a failed run. */
export function errorText(run: PulumiRun, diagnostics: readonly PreviewDiagnostic[]): string {
  const errors = diagnostics
    .filter(({ severity }) => severity === "error")
    .map(({ message }) => message.replace(/^error: /, "").trim());
  const text = [...new Set(errors), run.stderr.replace(/^error: /gm, "").trim()];
  return (
    text.filter(Boolean).map(withoutPlannedValues).join("\n") ||
    (run.code === null ? "The Pulumi CLI was killed." : `The Pulumi CLI exited with ${run.code}.`)
  );
}
