/** Resources of pods, as a quota counts them. */

/** Requests and limits of a container, as written. */
export interface Resources {
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
}

/** A pod as the quota counts it; sizes in bytes. */
export interface Pod {
  readonly cpu: number;
  readonly memory: number;
  readonly memoryLimit: number;
  readonly volumes: readonly number[];
}

export interface PodSpec {
  readonly containers: readonly { readonly resources: Resources }[];
  readonly initContainers?: readonly { readonly resources: Resources }[];
  readonly volumes: readonly {
    readonly ephemeral?: {
      readonly volumeClaimTemplate: { readonly spec: { readonly resources: Resources } };
    };
  }[];
}

export function podOfSpec({ containers, initContainers = [], volumes }: PodSpec): Pod {
  const claims = volumes.flatMap(({ ephemeral }) =>
    ephemeral ? [ephemeral.volumeClaimTemplate.spec.resources.requests["storage"] ?? ""] : [],
  );
  return podOf(
    containers.map(({ resources }) => resources),
    initContainers.map(({ resources }) => resources),
    claims.map(quantity),
  );
}

/** Sums containers, which run together; init containers run before, one after another. */
export function podOf(
  containers: readonly Resources[],
  initialising: readonly Resources[],
  volumes: readonly number[],
): Pod {
  const need = (of: (resources: Resources) => string | undefined) => {
    const amounts = (each: readonly Resources[]) => each.map((one) => quantity(of(one) ?? ""));
    return Math.max(total(amounts(containers)), ...amounts(initialising));
  };
  return {
    cpu: need(({ requests }) => requests["cpu"]),
    memory: need(({ requests }) => requests["memory"]),
    memoryLimit: need(({ limits }) => limits["memory"]),
    volumes,
  };
}

export function fits(hard: Readonly<Record<string, string>>, pods: readonly Pod[]): boolean {
  const room = (key: string) => quantity(hard[key] ?? "");
  const volumes = pods.flatMap((pod) => pod.volumes);
  return (
    pods.length <= room("pods") &&
    // In thousandths, as Kubernetes counts: sums of fractions are inexact.
    total(pods.map(({ cpu }) => Math.round(cpu * 1000))) <=
      Math.round(room("requests.cpu") * 1000) &&
    total(pods.map(({ memory }) => memory)) <= room("requests.memory") &&
    total(pods.map(({ memoryLimit }) => memoryLimit)) <= room("limits.memory") &&
    volumes.length <= room("persistentvolumeclaims") &&
    total(volumes) <= room("requests.storage")
  );
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}

/** `1536Mi`, `500m` and `4` as numbers. */
export function quantity(text: string): number {
  const [, number = "", unit = ""] = /^(\d+)(Gi|Mi|m|)$/.exec(text) ?? [];
  const factors: Readonly<Record<string, number>> = { Gi: 2 ** 30, Mi: 2 ** 20, m: 1e-3, "": 1 };
  return Number(number) * (factors[unit] ?? NaN);
}
