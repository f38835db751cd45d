/**
 * The local home for tests: a folder in place of a checkout, and resources with the life cycle of an engine: check,
 * diff, and the operation that follows.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  localProviders,
  type LocalKind,
} from "../../components/homes/local/providers/local-providers";
import { linkPackages } from "../../scratch/packages";
import { buildTimescale } from "../../scratch/scratch-timescale";

export interface Checkout {
  readonly root: string;
  /** Names in `.sark/local`; empty when the folder is not there. */
  contents(): string[];
  /** Removes the folder. Servers must have been deleted. */
  remove(): void;
}

/** @param mode of the folder; 0o700 closes it to the service user of root */
export function makeCheckout(mode = 0o755): Checkout {
  const root = mkdtempSync(join(tmpdir(), "sark-checkout-"));
  chmodSync(root, mode);
  writeFileSync(join(root, "Pulumi.yaml"), "name: sark-databases\n");
  process.env["SARK_ROOT"] = root;
  const local = join(root, ".sark", "local");
  return {
    root,
    contents: () => (existsSync(local) ? readdirSync(local) : []),
    remove() {
      delete process.env["SARK_ROOT"];
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Copies the built TimescaleDB server to where the home looks for it, with the packages that it needs. */
export function installTimescale(checkout: Checkout): void {
  // SARK_ROOT already names the checkout.
  const project = join(__dirname, "..", "..");
  const built = buildTimescale(project);
  const target = join(checkout.root, ".sark", "build", "timescale-main.js");
  mkdirSync(dirname(target), { recursive: true });
  cpSync(built, target);
  rmSync(dirname(built), { recursive: true, force: true });
  linkPackages(join(project, "node_modules"), join(checkout.root, "node_modules"));
}

type Properties = Record<string, unknown>;

/** Operation of an `up` on a resource. */
export type Operation = "create" | "update" | "replace" | "same";

/** A resource and its state. */
export class LocalResource {
  readonly #kind: LocalKind;
  inputs: Properties | undefined;
  outputs: Properties | undefined;

  constructor(kind: LocalKind) {
    this.#kind = kind;
  }

  get #provider() {
    return localProviders[this.#kind];
  }

  /** Problems of the inputs, as an engine would show them. */
  async failures(inputs: Properties): Promise<string[]> {
    const result = await this.#provider.check?.(this.inputs ?? {}, inputs);
    return (result?.failures ?? []).map(({ property, reason }) => `${property}: ${reason}`);
  }

  /** Operation of the next `up`. Changes nothing. */
  async preview(inputs: Properties): Promise<{ operation: Operation; checked: Properties }> {
    const result = await this.#provider.check?.(this.inputs ?? {}, inputs);
    const [failure] = result?.failures ?? [];
    if (failure !== undefined) throw new Error(`${failure.property}: ${failure.reason}`);
    const checked = result?.inputs as Properties;
    if (this.outputs === undefined) return { operation: "create", checked };
    const diff = await this.#provider.diff?.("", this.outputs, checked);
    const replaces = diff?.replaces ?? [];
    if (replaces.length > 0) return { operation: "replace", checked };
    return { operation: diff?.changes === true ? "update" : "same", checked };
  }

  async up(inputs: Properties): Promise<Operation> {
    const { operation, checked } = await this.preview(inputs);
    if (operation === "replace") await this.delete();
    if (this.outputs === undefined) {
      this.outputs = (await this.#provider.create(checked)).outs as Properties;
    } else if (operation === "update") {
      const result = await this.#provider.update?.("", this.outputs, checked);
      this.outputs = result?.outs as Properties;
    }
    this.inputs = checked;
    return operation;
  }

  async delete(): Promise<void> {
    if (this.outputs !== undefined) await this.#provider.delete?.("", this.outputs);
    this.outputs = undefined;
    this.inputs = undefined;
  }
}
