import { spawnSync } from "node:child_process";
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { helmCharts } from "../components/homes/kubernetes/plan/compatibility";
import { UserError } from "../engine/engine";
import { withLock } from "../components/files/process-lock";

/** Paths of the scanners' programs. */
export interface Tools {
  /** Python with cfn-lint and moto. */
  readonly python: string;
  /** The Python program that creates a plan's resources in a simulated cloud. */
  readonly judge: string;
  readonly checkov: string;
  readonly kubernetesValidate: string;
  readonly kubeScore: string;
  /** Folders with the CustomResourceDefinitions. */
  readonly definitions: readonly string[];
}

const KUBE_SCORE = "github.com/zegl/kube-score/cmd/kube-score@v1.20.0";

/** Go modules with the CustomResourceDefinitions, and the folder in each. Versions are those of the operators' charts. */
const DEFINITIONS: readonly (readonly [module: string, folder: string])[] = [
  [
    `github.com/cloudnative-pg/cloudnative-pg@v${helmCharts.cloudnativePg.appVersion}`,
    "config/crd/bases",
  ],
  [
    `github.com/cloudnative-pg/plugin-barman-cloud@${helmCharts.barmanCloud.appVersion}`,
    "config/crd/bases",
  ],
  [`github.com/cert-manager/cert-manager@${helmCharts.certManager.appVersion}`, "deploy/crds"],
  ["github.com/prometheus-operator/prometheus-operator@v0.93.0", "example/prometheus-operator-crd"],
];

const MINUTES = 60_000;

/**
 * Installs the scanners into `.sark/tools` from PyPI and Go's module proxy, unless they are installed. Takes a minute
 * or two, and 600 MB.
 * @throws {UserError} that names the missing program, or the failed installation
 */
export function installTools(root: string, say: (text: string) => void): Tools {
  const folder = path.join(root, ".sark", "tools");
  const requirements = path.join(root, "scan", "requirements.txt");
  const python = path.join(folder, `python-${digest(fs.readFileSync(requirements, "utf8"))}`);
  once(python, "checkov, cfn-lint, moto and kubernetes-validate", say, () => {
    run("python3", ["-m", "venv", "--clear", python]);
    run(path.join(python, "bin", "pip"), ["install", "--quiet", "--requirement", requirements]);
  });
  const go = path.join(folder, `go-${digest(KUBE_SCORE)}`);
  once(go, "kube-score", say, () => {
    run("go", ["install", KUBE_SCORE], { GOBIN: go });
  });
  return {
    python: path.join(python, "bin", "python"),
    judge: path.join(root, "scan", "aws", "judge.py"),
    checkov: path.join(python, "bin", "checkov"),
    kubernetesValidate: path.join(python, "bin", "kubernetes-validate"),
    kubeScore: path.join(go, "kube-score"),
    definitions: DEFINITIONS.map(([module, below]) => path.join(goModule(module), below)),
  };
}

/** The folder of a module's sources in Go's module cache. */
function goModule(module: string): string {
  // GO111MODULE ignores a go.mod around the current folder.
  const output = run("go", ["mod", "download", "-json", module], { GO111MODULE: "on" });
  const { Dir: folder } = JSON.parse(output) as { readonly Dir?: string };
  if (folder === undefined) throw new UserError(`go mod download ${module} returned no folder`);
  return folder;
}

/** Runs an installation once. A lock makes parallel processes wait for it, because tests run in parallel. */
function once(folder: string, what: string, say: (text: string) => void, install: () => void) {
  const mark = path.join(folder, ".complete");
  if (fs.existsSync(mark)) return;
  fs.mkdirSync(folder, { recursive: true });
  withLock(`${folder}.lock`, () => {
    if (fs.existsSync(mark)) return;
    say(`Installing ${what} ...`);
    install();
    fs.writeFileSync(mark, "");
  });
}

function run(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): string {
  const { status, stdout, stderr, error } = spawnSync(program, [...args], {
    encoding: "utf8",
    env: { ...process.env, ...environment },
    timeout: 15 * MINUTES,
  });
  if (error && "code" in error && error.code === "ENOENT") {
    throw new UserError(
      `${program} is missing. Install it: npm run scan needs it to install the scanners.`,
    );
  }
  if (error) throw error;
  if (status === 0) return stdout;
  throw new UserError(`${program} ${args.join(" ")} failed:\n${stderr || stdout}`);
}

function digest(text: string): string {
  return crypto.createHash("sha256").update(text).digest("hex").slice(0, 12);
}
