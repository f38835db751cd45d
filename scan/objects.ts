import type { Plan } from "../engine/engine";

/** An object as Kubernetes would be given it; where something is secret, or not known yet, a word says so. */
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

/** Every object that a plan puts on Kubernetes; charts are not among them, since they are rendered when installed. */
export function kubernetesObjects({ resources }: Pick<Plan, "resources">): KubernetesObject[] {
  return resources
    .filter(({ op }) => op !== "delete")
    .map(({ inputs }) => inputs)
    .filter(isObject)
    .map((object) => legible(object) as KubernetesObject);
}

/** A plan's own words for what it does not show; as the name of an object, or as a map, they would be refused. */
function legible(value: unknown): unknown {
  if (value === "[secret]") return "secret";
  if (value === "[unknown]") return "unknown";
  if (Array.isArray(value)) return value.map(legible);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([key, each]) => [key, legible(each)]);
  const copy = Object.fromEntries(fields) as Record<string, unknown>;
  if (typeof copy["data"] === "string") return { ...copy, data: { hidden: copy["data"] } };
  return typeof copy["stringData"] === "string"
    ? { ...copy, stringData: hiddenData(copy["type"]) }
    : copy;
}

/** As many keys as the type of a Secret asks for. */
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
