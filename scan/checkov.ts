import * as path from "node:path";
import { type Finding, objectNamed } from "./scan-findings";
import type { KubernetesObject } from "./objects";
import { runTool } from "./run-tool";
import type { Tools } from "./tools";

interface Report {
  readonly results: {
    readonly passed_checks: readonly unknown[];
    readonly failed_checks: readonly {
      readonly check_id: string;
      readonly check_name: string;
      readonly resource: string;
      readonly file_path: string;
    }[];
  };
}

/** checkov's findings in the manifests of a folder. */
export function checkovFindings(
  objects: readonly KubernetesObject[],
  folder: string,
  tools: Tools,
): readonly Finding[] {
  const { failed_checks } = checkov("kubernetes", folder, tools).results;
  return failed_checks.map(({ check_id, check_name, resource }) => {
    const [kind = "", , ...name] = resource.split(".");
    return {
      scanner: "checkov",
      check: check_id,
      object: objectNamed(objects, kind, name.join(".")),
      text: check_name,
    };
  });
}

/** checkov's findings in Terraform JSON files of a folder and its subfolders. Each file has one resource. */
export function terraformFindings(
  folder: string,
  tools: Tools,
): readonly (Finding & { readonly folder: string })[] {
  const { failed_checks } = checkov("terraform_json", folder, tools).results;
  return failed_checks.map(({ check_id, check_name, file_path }) => ({
    scanner: "checkov",
    check: check_id,
    // checkov reports only the resource's name, which two types may share.
    object: path.basename(file_path, ".tf.json").replace(".", " "),
    folder: path.basename(path.dirname(file_path)),
    text: check_name,
  }));
}

/** checkov's findings in this repository's Dockerfiles and GitHub workflows. */
export function repositoryFindings(root: string, tools: Tools): readonly Finding[] {
  const places = [
    ["dockerfile", "images"],
    ["github_actions", "."],
  ] as const;
  return places.flatMap(([framework, folder]) =>
    checkov(framework, `${root}/${folder}`, tools).results.failed_checks.map(
      ({ check_id, check_name, file_path }): Finding => ({
        scanner: "checkov",
        check: check_id,
        object: `${folder}${file_path}`,
        text: check_name,
      }),
    ),
  );
}

function checkov(framework: string, folder: string, tools: Tools): Report {
  const flags = ["--framework", framework, "--skip-download", "--compact", "-o", "json"];
  const others = ["node_modules", "\\.sark"].flatMap((name) => ["--skip-path", name]);
  // By default checkov skips folders whose name begins with a dot.
  const environment = { CKV_IGNORE_HIDDEN_DIRECTORIES: "false" };
  const skip = ["kubernetes", "terraform_json"].includes(framework) ? [] : others;
  const { output } = runTool(tools.checkov, ["-d", folder, ...flags, ...skip], [0, 1], environment);
  const report = JSON.parse(output) as Partial<Report>;
  if (report.results === undefined || report.results.passed_checks.length === 0) {
    throw new Error(`checkov checked nothing in ${folder}: ${output.slice(0, 1000)}`);
  }
  return { results: report.results };
}
