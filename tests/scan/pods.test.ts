import { type Container, type Pod, type PodSpec, podFindings, podsOf } from "../../scan/pods";
import { plannedObjects } from "../support/planned-objects";

jest.setTimeout(60_000);

let pods: readonly Pod[];

beforeAll(async () => {
  pods = podsOf(await plannedObjects());
});

it("podsOf finds the pods of PgBouncer and of each job", () => {
  const kinds = pods.map(({ of }) => of.split(" ")[0]);
  expect(kinds).toContain("Deployment");
  expect(kinds.filter((kind) => kind === "CronJob").length).toBeGreaterThanOrEqual(4);
});

it("the planned pods break no pod rule", () => {
  expect(pods.flatMap(podFindings)).toEqual([]);
});

type Change<T> = readonly [name: string, change: (subject: Draft<T>) => void];
type Draft<T> = { -readonly [K in keyof T]: T[K] };
type Fields = Record<string, unknown>;

const context = (subject: Draft<PodSpec> | Draft<Container>) => subject.securityContext as Fields;
const limits = (container: Draft<Container>) => container.resources?.limits as Fields;
const requests = (container: Draft<Container>) => container.resources?.requests as Fields;
const volume = (source: Fields) => (pod: Draft<PodSpec>) => {
  pod.volumes = [...(pod.volumes ?? []), { name: "mutant", ...source }];
};

/** Each changes or removes one secure property. */
const POD_MUTANTS: readonly Change<PodSpec>[] = [
  ["shares the node's network", (pod) => (pod["hostNetwork"] = true)],
  ["sees the node's processes", (pod) => (pod["hostPID"] = true)],
  ["shares the node's memory", (pod) => (pod["hostIPC"] = true)],
  ["gets a token of the API", (pod) => (pod["automountServiceAccountToken"] = true)],
  ["gets a token by default", (pod) => delete pod["automountServiceAccountToken"]],
  ["gets environment variables of every service", (pod) => (pod["enableServiceLinks"] = true)],
  ["uses the namespace's account", (pod) => delete pod["serviceAccountName"]],
  ["may run as root", (pod) => (context(pod)["runAsNonRoot"] = false)],
  ["leaves the user to the image", (pod) => delete context(pod)["runAsUser"]],
  ["runs as root", (pod) => (context(pod)["runAsUser"] = 0)],
  ["runs as a user of the node", (pod) => (context(pod)["runAsUser"] = 1000)],
  ["runs in root's group", (pod) => (context(pod)["runAsGroup"] = 0)],
  ["gives its files to root's group", (pod) => (context(pod)["fsGroup"] = 0)],
  [
    "has an unconfined seccomp profile",
    (pod) => (context(pod)["seccompProfile"] = { type: "Unconfined" }),
  ],
  ["has no seccomp profile", (pod) => delete context(pod)["seccompProfile"]],
  ["sets kernel parameters", (pod) => (context(pod)["sysctls"] = [{ name: "a", value: "b" }])],
  ["is in root's group as well", (pod) => (context(pod)["supplementalGroups"] = [0])],
  ["chooses a SELinux role", (pod) => (context(pod)["seLinuxOptions"] = { role: "r" })],
  ["turns AppArmor off", (pod) => (context(pod)["appArmorProfile"] = { type: "Unconfined" })],
  ["mounts the node's disk", volume({ hostPath: { path: "/" } })],
  ["mounts a network share", volume({ nfs: { server: "s", path: "/" } })],
  ["lets every user read a secret", volume({ secret: { secretName: "s", defaultMode: 0o444 } })],
  ["leaves a secret's mode to the default", volume({ secret: { secretName: "s" } })],
  [
    "lets every user read a projected secret",
    volume({ projected: { sources: [{ secret: { name: "s" } }] } }),
  ],
];

const CONTAINER_MUTANTS: readonly Change<Container>[] = [
  ["may gain privileges", (each) => (context(each)["allowPrivilegeEscalation"] = true)],
  [
    "does not set allowPrivilegeEscalation",
    (each) => delete context(each)["allowPrivilegeEscalation"],
  ],
  ["is privileged", (each) => (context(each)["privileged"] = true)],
  ["writes to its image", (each) => (context(each)["readOnlyRootFilesystem"] = false)],
  ["may run as root", (each) => (context(each)["runAsNonRoot"] = false)],
  ["runs as root", (each) => (context(each)["runAsUser"] = 0)],
  ["runs in root's group", (each) => (context(each)["runAsGroup"] = 0)],
  [
    "has an unconfined seccomp profile",
    (each) => (context(each)["seccompProfile"] = { type: "Unconfined" }),
  ],
  ["keeps capabilities", (each) => (context(each)["capabilities"] = {})],
  ["keeps some capabilities", (each) => (context(each)["capabilities"] = { drop: ["NET_RAW"] })],
  [
    "adds a capability",
    (each) => (context(each)["capabilities"] = { drop: ["ALL"], add: ["SYS_PTRACE"] }),
  ],
  ["unmasks /proc", (each) => (context(each)["procMount"] = "Unmasked")],
  ["chooses a SELinux role", (each) => (context(each)["seLinuxOptions"] = { role: "r" })],
  ["turns AppArmor off", (each) => (context(each)["appArmorProfile"] = { type: "Unconfined" })],
  ["uses the tag latest", (each) => (each.image = "registry.example.com/a:latest")],
  ["uses an image without a tag", (each) => (each.image = "registry.example.com/a")],
  ["never pulls its image", (each) => (each["imagePullPolicy"] = "Never")],
  ["has no memory limit", (each) => delete limits(each)["memory"]],
  ["requests less memory than its limit", (each) => (requests(each)["memory"] = "1Mi")],
  ["has no CPU limit", (each) => delete limits(each)["cpu"]],
  ["requests no CPU", (each) => delete requests(each)["cpu"]],
  ["has no ephemeral storage limit", (each) => delete limits(each)["ephemeral-storage"]],
  ["uses a port of the node", (each) => (each.ports = [{ containerPort: 1, hostPort: 1 }])],
  [
    "has a secret in its environment",
    (each) => (each.env = [{ name: "P", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }]),
  ],
  [
    "has a whole secret in its environment",
    (each) => (each["envFrom"] = [{ secretRef: { name: "s" } }]),
  ],
];

it("there are at least 30 mutants of pods and containers", () => {
  expect(POD_MUTANTS.length + CONTAINER_MUTANTS.length).toBeGreaterThanOrEqual(30);
});

it.each(POD_MUTANTS)("the pod rules refuse each pod that %s", (_, change) => {
  for (const { of, labels, spec } of pods) {
    const mutant = structuredClone(spec) as Draft<PodSpec>;
    change(mutant);
    expect({ of, problems: podFindings({ of, labels, spec: mutant }).length }).toEqual({
      of,
      problems: 1,
    });
  }
});

it.each(CONTAINER_MUTANTS)("the pod rules refuse each container that %s", (_, change) => {
  for (const { of, labels, spec } of pods) {
    for (const list of ["containers", "initContainers"] as const) {
      for (const index of (spec[list] ?? []).keys()) {
        const mutant = structuredClone(spec);
        const container = mutant[list]?.[index];
        if (container) change(container);
        expect({
          of,
          list,
          index,
          count: podFindings({ of, labels, spec: mutant }).length,
        }).toEqual({ of, list, index, count: 1 });
      }
    }
  }
});
