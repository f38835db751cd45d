import type { Plan, PlannedOptions, PlannedResource } from "../../engine/engine";

/** A plan's placeholders for an unknown value and for a secret. */
export const UNKNOWN = "[unknown]";
export const SECRET = "[secret]";

/** The resources of a plan by type, without deleted ones. */
export class PlanView {
  readonly resources: readonly ResourceView[];
  readonly #byType: ReadonlyMap<string, readonly ResourceView[]>;

  constructor({ resources }: Pick<Plan, "resources">) {
    this.resources = resources
      .filter(({ op }) => op !== "delete")
      .map((resource) => new ResourceView(resource, this));
    const types = new Set(this.resources.map(({ type }) => type));
    this.#byType = new Map(
      [...types].map((type) => [type, this.resources.filter((each) => each.type === type)]),
    );
  }

  /** @param type a {@link ResourceView.type} */
  of(type: string): readonly ResourceView[] {
    return this.#byType.get(type) ?? [];
  }

  /** The accounts that the providers allow. */
  get accounts(): readonly string[] {
    return this.of(PROVIDER).flatMap(({ accounts }) => accounts);
  }
}

export const PROVIDER = "provider";

/** Inputs that hold a resource's name on AWS. */
export const NAMES = ["identifier", "bucket", "name"] as const;

/** A resource of a plan, and its relations to others. */
export class ResourceView {
  /** `rds/instance`; `provider` for a region's provider; Pulumi's type for resources outside AWS. */
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

  /** An input; `a.b` is a field of an object. Undefined if it is missing. */
  value(path: string): unknown {
    return field(this.resource.inputs, path);
  }

  is(path: string, value: unknown): boolean {
    return this.value(path) === value;
  }

  has(path: string): boolean {
    return this.value(path) !== undefined;
  }

  /** Empty if the input is not a text. */
  text(path: string): string {
    const value = this.value(path);
    return typeof value === "string" ? value : "";
  }

  /** NaN if the input is not a number, so that every comparison is false. */
  number(path: string): number {
    const value = this.value(path);
    return typeof value === "number" ? value : Number.NaN;
  }

  list(path: string): readonly unknown[] {
    const value = this.value(path);
    return Array.isArray(value) ? value : [];
  }

  /** The accounts that a provider allows. Its inputs are JSON texts. */
  get accounts(): readonly string[] {
    const parsed: unknown = JSON.parse(this.text("allowedAccountIds") || "[]");
    return Array.isArray(parsed) ? parsed.map(String) : [];
  }

  get region(): string {
    return this.provider?.text("region") ?? "";
  }

  /** Undefined if the resource uses the machine's default credentials and region. */
  get provider(): ResourceView | undefined {
    return this.plan.of(PROVIDER).find((each) => each.urn === this.options.provider);
  }

  /** Whether it is an AWS resource. */
  get isOnAws(): boolean {
    return this.resource.type.startsWith("aws:");
  }

  get urn(): string {
    return this.resource.urn;
  }

  /** Whether it has the same provider, and so account and region, as the other. */
  isInSameRegion(other: ResourceView): boolean {
    return this.options.provider === other.options.provider;
  }

  /** The resource that the input refers to, by dependency or by name. */
  target(key: string, type: string): ResourceView | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    const sources = this.options.propertyDependencies[key] ?? [];
    return this.plan
      .of(type)
      .find(
        (each) => sources.includes(each.urn) || (value !== UNKNOWN && each.isNamedBy(value, this)),
      );
  }

  refers(key: string, type: string): boolean {
    return this.target(key, type) !== undefined;
  }

  /** Resources of a type that refer to this one. */
  referrers(type: string, key: string): readonly ResourceView[] {
    return this.plan.of(type).filter((each) => each.target(key, this.type) === this);
  }

  /** Whether the value in another resource means this one: its name in the same region, or its ARN. */
  isNamedBy(value: unknown, by: ResourceView): boolean {
    if (Array.isArray(value)) return value.some((each) => this.isNamedBy(each, by));
    return NAMES.map((key) => this.text(key)).some(
      (name) =>
        name !== "" &&
        ((value === name && this.isInSameRegion(by)) ||
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

/** A field of an object, or of a nested object by `a.b`; undefined for anything else. */
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
