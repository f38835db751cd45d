import type { Plan } from "../engine/engine";

/** An object as sent to Kubernetes, with placeholders for secret and unknown values. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** Every Kubernetes object of a plan, except those of charts, which are rendered at installation. */
export function kubernetesObjects({ resources }: Pick<Plan, "resources">): KubernetesObject[] {
  return resources
    .filter(({ op }) => op !== "delete")
    .map(({ inputs }) => inputs)
    .filter(isObject)
    .map((object) => withoutPlaceholders(object) as KubernetesObject);
}

/** Replaces a plan's placeholders, which are invalid as names or maps. */
function withoutPlaceholders(value: unknown): unknown {
  if (value === "[secret]") return "secret";
  if (value === "[unknown]") return "unknown";
  if (Array.isArray(value)) return value.map(withoutPlaceholders);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([key, each]) => [key, withoutPlaceholders(each)]);
  const copy = Object.fromEntries(fields) as Record<string, unknown>;
  if (typeof copy["data"] === "string") return { ...copy, data: { hidden: copy["data"] } };
  return typeof copy["stringData"] === "string"
    ? { ...copy, stringData: hiddenData(copy["type"]) }
    : copy;
}

/** The keys that the type of a Secret requires. */
function hiddenData(type: unknown): Readonly<Record<string, string>> {
  return type === "kubernetes.io/basic-auth"
    ? { username: "secret", password: "secret" }
    : { hidden: "secret" };
}

/** `Deployment sark-databases/pgbouncer`. */
export function describeObject({ kind, metadata }: KubernetesObject): string {
  const place = metadata.namespace === undefined ? "" : `${metadata.namespace}/`;
  return `${kind} ${place}${metadata.name}`;
}

function isObject(inputs: Readonly<Record<string, unknown>>): inputs is KubernetesObject {
  const { apiVersion, kind, metadata } = inputs;
  return typeof apiVersion === "string" && typeof kind === "string" && metadata !== undefined;
}
