import { splitWords } from "../components/text/words";
import type { Finding } from "./scan-findings";
import { type KubernetesObject, describeObject } from "./objects";

type Fields = Readonly<Record<string, unknown>>;

/** The template of the pods that an object starts. */
export interface Pod {
  /** `Deployment sark-databases/pgbouncer`. */
  readonly of: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
}

export interface PodSpec extends Fields {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly securityContext?: Fields;
  readonly volumes?: readonly (Fields & { readonly name: string })[];
}

export interface Container extends Fields {
  readonly name: string;
  readonly image: string;
  readonly securityContext?: Fields & { readonly capabilities?: Fields };
  readonly resources?: { readonly limits?: Fields; readonly requests?: Fields };
  readonly env?: readonly Fields[];
  readonly ports?: readonly Fields[];
}

export function podsOf(objects: readonly KubernetesObject[]): readonly Pod[] {
  return objects.flatMap((object) => {
    const template = templateOf(object);
    if (template === undefined) return [];
    const { metadata, spec } = template;
    return [{ of: describeObject(object), labels: metadata?.labels ?? {}, spec }];
  });
}

interface Template {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec: PodSpec;
}

function templateOf({ kind, spec }: KubernetesObject): Template | undefined {
  const fields = spec as { readonly template?: Template; readonly jobTemplate?: { spec: unknown } };
  if (kind === "CronJob") return (fields.jobTemplate?.spec as { template: Template }).template;
  return ["Deployment", "StatefulSet", "DaemonSet", "Job"].includes(kind)
    ? fields.template
    : undefined;
}

/** Volume types that the Pod Security standard `restricted` allows. */
const VOLUMES = splitWords(`
  configMap csi downwardAPI emptyDir ephemeral persistentVolumeClaim projected secret`);

/** Smallest user id that cannot be a user of the node (CKV_K8S_40). */
const FIRST_USER = 10_000;

type Rule<T> = readonly [name: string, holds: (subject: T) => boolean];

/** Pod rules of the Pod Security standard `restricted` and of the NSA's guidance. */
const POD_RULES: readonly Rule<PodSpec>[] = [
  ["hostNetwork", ({ hostNetwork }) => hostNetwork !== true],
  ["hostPID", ({ hostPID }) => hostPID !== true],
  ["hostIPC", ({ hostIPC }) => hostIPC !== true],
  ["automountServiceAccountToken", (pod) => pod["automountServiceAccountToken"] === false],
  ["enableServiceLinks", ({ enableServiceLinks }) => enableServiceLinks === false],
  ["serviceAccountName", (pod) => ownAccount(pod["serviceAccountName"])],
  ["runAsNonRoot", ({ securityContext }) => securityContext?.["runAsNonRoot"] === true],
  ["runAsUser", ({ securityContext }) => isNobody(securityContext?.["runAsUser"])],
  ["runAsGroup", ({ securityContext }) => isNobody(securityContext?.["runAsGroup"])],
  ["fsGroup", ({ securityContext }) => isNobody(securityContext?.["fsGroup"])],
  ["seccompProfile", ({ securityContext }) => isDefaultProfile(securityContext)],
  ["sysctls", ({ securityContext }) => securityContext?.["sysctls"] === undefined],
  ["supplementalGroups", ({ securityContext }) => !listsRoot(securityContext)],
  ["seLinuxOptions", ({ securityContext }) => securityContext?.["seLinuxOptions"] === undefined],
  ["appArmorProfile", ({ securityContext }) => securityContext?.["appArmorProfile"] === undefined],
  ["volumes", ({ volumes = [] }) => volumes.every(isAllowedVolume)],
  ["secret files", ({ volumes = [] }) => volumes.every(isPrivateVolume)],
];

/** Container rules of the same sources, also for sidecars and init containers. */
const CONTAINER_RULES: readonly Rule<Container>[] = [
  [
    "allowPrivilegeEscalation",
    ({ securityContext: s }) => s?.["allowPrivilegeEscalation"] === false,
  ],
  ["privileged", ({ securityContext: s }) => s?.["privileged"] === false],
  ["readOnlyRootFilesystem", ({ securityContext: s }) => s?.["readOnlyRootFilesystem"] === true],
  ["runAsNonRoot", ({ securityContext: s }) => s?.["runAsNonRoot"] === true],
  ["runAsUser", ({ securityContext: s }) => isNobody(s?.["runAsUser"])],
  ["runAsGroup", ({ securityContext: s }) => isNobody(s?.["runAsGroup"])],
  ["seccompProfile", ({ securityContext: s }) => isDefaultProfile(s)],
  ["capabilities.drop", ({ securityContext: s }) => dropsAll(s?.capabilities)],
  ["capabilities.add", ({ securityContext: s }) => isEmpty(s?.capabilities?.["add"])],
  ["procMount", ({ securityContext: s }) => s?.["procMount"] === undefined],
  ["seLinuxOptions", ({ securityContext: s }) => s?.["seLinuxOptions"] === undefined],
  ["appArmorProfile", ({ securityContext: s }) => s?.["appArmorProfile"] === undefined],
  ["image tag", ({ image }) => /:[\w.-]+(@sha256:[0-9a-f]{64})?$/.test(image)],
  ["image not latest", ({ image }) => !/:latest(@|$)/.test(image)],
  ["imagePullPolicy", ({ imagePullPolicy }) => imagePullPolicy === "Always"],
  ["limits.memory", ({ resources }) => resources?.limits?.["memory"] !== undefined],
  ["limits.cpu", ({ resources }) => resources?.limits?.["cpu"] !== undefined],
  ["limits.ephemeral-storage", ({ resources }) => hasBoth(resources, "ephemeral-storage")],
  ["requests.cpu", ({ resources }) => resources?.requests?.["cpu"] !== undefined],
  ["memory requested is the limit", ({ resources }) => isSame(resources, "memory")],
  ["hostPort", ({ ports = [] }) => ports.every((port) => port["hostPort"] === undefined)],
  ["no secret in env", ({ env = [] }) => env.every((each) => !fromSecret(each))],
  ["no env from a secret", ({ envFrom }) => isEmpty(envFrom)],
];

/** The rules that a pod breaks. */
export function podFindings({ of, spec }: Pod): readonly Finding[] {
  const broken = <T>(rules: readonly Rule<T>[], subject: T, where: string) =>
    rules
      .filter(([, holds]) => !holds(subject))
      .map(([name]): Finding => ({ scanner: "pods", check: name, object: of, text: where }));
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  return [
    ...broken(POD_RULES, spec, "the pod"),
    ...containers.flatMap((each) => broken(CONTAINER_RULES, each, `container ${each.name}`)),
  ];
}

function ownAccount(name: unknown): boolean {
  return typeof name === "string" && name !== "" && name !== "default";
}

function isNobody(id: unknown): boolean {
  return typeof id === "number" && id >= FIRST_USER;
}

function isDefaultProfile(context: Fields | undefined): boolean {
  const profile = context?.["seccompProfile"] as Fields | undefined;
  return profile?.["type"] === "RuntimeDefault";
}

function listsRoot(context: Fields | undefined): boolean {
  return ((context?.["supplementalGroups"] ?? []) as readonly number[]).includes(0);
}

function isAllowedVolume({ name: _, ...source }: Fields): boolean {
  return Object.keys(source).every((kind) => VOLUMES.includes(kind));
}

/** Whether a secret's files are unreadable for other users of the pod. */
function isPrivateVolume({ secret, projected }: Fields): boolean {
  const holder = (secret ?? withSecret(projected)) as { readonly defaultMode?: number } | undefined;
  return holder === undefined || ((holder.defaultMode ?? 0o644) & 0o007) === 0;
}

function withSecret(projected: unknown): unknown {
  const { sources = [] } = (projected ?? {}) as { readonly sources?: readonly Fields[] };
  return sources.some(({ secret }) => secret !== undefined) ? projected : undefined;
}

function dropsAll(capabilities: Fields | undefined): boolean {
  return JSON.stringify(capabilities?.["drop"]) === '["ALL"]';
}

function isEmpty(list: unknown): boolean {
  return list === undefined || (Array.isArray(list) && list.length === 0);
}

/** Whether request and limit are equal. A missing limit is reported by another rule. */
function isSame(resources: Container["resources"], name: string): boolean {
  const limit = resources?.limits?.[name];
  return limit === undefined || resources?.requests?.[name] === limit;
}

function hasBoth(resources: Container["resources"], name: string): boolean {
  return resources?.limits?.[name] !== undefined && resources.requests?.[name] !== undefined;
}

function fromSecret({ valueFrom }: Fields): boolean {
  return (valueFrom as Fields | undefined)?.["secretKeyRef"] !== undefined;
}
