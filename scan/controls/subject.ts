import type { Plan, PlannedOptions, PlannedResource } from "../../engine/engine";

/** What stands in a plan for a value that is not known yet, and for one that is a secret. */
export const UNKNOWN = "[unknown]";
export const SECRET = "[secret]";

/** The resources of a plan by what they are, without those that go. */
export class PlanView {
  readonly subjects: readonly Subject[];
  readonly #byType: ReadonlyMap<string, readonly Subject[]>;

  constructor({ resources }: Pick<Plan, "resources">) {
    this.subjects = resources
      .filter(({ op }) => op !== "delete")
      .map((resource) => new Subject(resource, this));
    const types = new Set(this.subjects.map(({ type }) => type));
    this.#byType = new Map(
      [...types].map((type) => [type, this.subjects.filter((each) => each.type === type)]),
    );
  }

  /** @param type as {@link Subject.type} says it */
  of(type: string): readonly Subject[] {
    return this.#byType.get(type) ?? [];
  }

  /** Accounts that the providers let in. */
  get accounts(): readonly string[] {
    return this.of(PROVIDER).flatMap(({ accounts }) => accounts);
  }
}

export const PROVIDER = "provider";

/** Inputs by which AWS calls a resource. */
export const NAMES = ["identifier", "bucket", "name"] as const;

/** A resource of a plan, and what it has to do with the others. */
export class Subject {
  /** `rds/instance`; `provider` for a region's provider; Pulumi's own type for what is not on AWS. */
  readonly type: string;
  readonly name: string;
  readonly options: PlannedOptions;

  constructor(
    readonly resource: PlannedResource,
    readonly plan: PlanView,
  ) {
    this.type = shortType(resource.type);
    this.name = resource.urn.split("::").slice(3).join("::");
    this.options = resource.options;
  }

  /** An input; `a.b` is a field of an object. Undefined where there is none. */
  value(path: string): unknown {
    return field(this.resource.inputs, path);
  }

  is(path: string, value: unknown): boolean {
    return this.value(path) === value;
  }

  has(path: string): boolean {
    return this.value(path) !== undefined;
  }

  /** Empty where the input is no text. */
  text(path: string): string {
    const value = this.value(path);
    return typeof value === "string" ? value : "";
  }

  /** Not a number where the input is none: nothing is larger or smaller. */
  number(path: string): number {
    const value = this.value(path);
    return typeof value === "number" ? value : Number.NaN;
  }

  list(path: string): readonly unknown[] {
    const value = this.value(path);
    return Array.isArray(value) ? value : [];
  }

  /** The accounts that a provider lets in; its inputs are JSON in texts. */
  get accounts(): readonly string[] {
    const parsed: unknown = JSON.parse(this.text("allowedAccountIds") || "[]");
    return Array.isArray(parsed) ? parsed.map(String) : [];
  }

  get region(): string {
    return this.provider?.text("region") ?? "";
  }

  /** Undefined where it is left to whatever credentials and region the machine has. */
  get provider(): Subject | undefined {
    return this.plan.of(PROVIDER).find((each) => each.urn === this.options.provider);
  }

  /** Whether it is made on AWS, by a provider. */
  get isOnAws(): boolean {
    return this.resource.type.startsWith("aws:");
  }

  get urn(): string {
    return this.resource.urn;
  }

  /** Whether it is made where the other is. */
  isBeside(other: Subject): boolean {
    return this.options.provider === other.options.provider;
  }

  /** What the input refers to: it is made from it, or it names it. */
  target(key: string, type: string): Subject | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    const sources = this.options.propertyDependencies[key] ?? [];
    return this.plan
      .of(type)
      .find(
        (each) => sources.includes(each.urn) || (value !== UNKNOWN && each.isCalled(value, this)),
      );
  }

  refers(key: string, type: string): boolean {
    return this.target(key, type) !== undefined;
  }

  /** Resources of that type that refer to this one. */
  companions(type: string, key: string): readonly Subject[] {
    return this.plan.of(type).filter((each) => each.target(key, this.type) === this);
  }

  /** Whether another calls this one so: by its name where it is beside it, by its ARN from anywhere. */
  isCalled(value: unknown, by: Subject): boolean {
    if (Array.isArray(value)) return value.some((each) => this.isCalled(each, by));
    return NAMES.map((key) => this.text(key)).some(
      (name) =>
        name !== "" &&
        ((value === name && this.isBeside(by)) ||
          (typeof value === "string" && this.isArn(value, name))),
    );
  }

  private isArn(value: string, name: string): boolean {
    const [arn, , , region = "", account = "", ...rest] = value.split(":");
    if (arn !== "arn" || rest.at(-1)?.split("/").at(-1) !== name) return false;
    return (region === "" || region === this.region) && (account === "" || this.isOf(account));
  }

  private isOf(account: string): boolean {
    return this.plan.accounts.includes(account);
  }
}

/** A field of an object, or by `a.b` of an object in it; undefined of anything else. */
export function field(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce(
      (inner, key): unknown =>
        typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined,
      value,
    );
}

/** `aws:rds/instance:Instance` is `rds/instance`. */
function shortType(type: string): string {
  if (type === "pulumi:providers:aws") return PROVIDER;
  return /^aws:([^:]+):/.exec(type)?.[1] ?? type;
}
