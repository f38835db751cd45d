import { type Finding, objectNamed } from "./scan-findings";
import type { KubernetesObject } from "./objects";
import { runTool } from "./run-tool";
import type { Tools } from "./tools";

/** kube-score's optional checks. */
const OPTIONAL_CHECKS = [
  "container-seccomp-profile",
  "container-memory-requests-equal-limits",
  "container-ports-check",
];

export function kubeScoreFindings(
  objects: readonly KubernetesObject[],
  files: readonly string[],
  tools: Tools,
): readonly Finding[] {
  const flags = ["--output-format", "json", "--kubernetes-version", "v1.31"];
  const optional = OPTIONAL_CHECKS.flatMap((check) => ["--enable-optional-test", check]);
  const { output } = runTool(tools.kubeScore, ["score", ...flags, ...optional, ...files], [0, 1]);
  return (JSON.parse(output) as readonly KubeScoreObject[]).flatMap((scored) =>
    scored.checks
      .filter(({ grade, skipped }) => !skipped && grade < KUBE_SCORE_OK)
      .map(({ check, comments }): Finding => ({
        scanner: "kube-score",
        check: check.id,
        object: objectNamed(objects, scored.type_meta.kind, scored.object_meta.name),
        text: [check.name, ...(comments ?? []).map((each) => each.summary)].join(": "),
      })),
  );
}

/** kube-score's grade OK. Grades: 1 critical, 5 warning, 7 almost OK, 10 OK. */
const KUBE_SCORE_OK = 10;

interface KubeScoreObject {
  readonly type_meta: { readonly kind: string };
  readonly object_meta: { readonly name: string };
  readonly checks: readonly {
    readonly check: { readonly id: string; readonly name: string };
    readonly grade: number;
    readonly skipped: boolean;
    readonly comments: readonly { readonly summary: string }[] | null;
  }[];
}
