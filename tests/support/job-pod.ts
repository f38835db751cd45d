/** Runs the containers of a job's pod as local processes, as closely to their objects as possible. */
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRoot } from "../../components/homes/local/processes/service-user";
import { type Registered, objectOf } from "./registered";

/** The registered fields that jobs use; Pulumi's own types wrongly mark every field as present. */
export interface JobContainer {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly resources: {
    readonly requests: Readonly<Record<string, string>>;
    readonly limits: Readonly<Record<string, string>>;
  };
  readonly volumeMounts: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly?: boolean;
  }[];
}

export interface JobVolume {
  readonly name: string;
  readonly configMap?: { readonly name: string };
  readonly secret?: {
    readonly secretName: string;
    readonly items: readonly { readonly key: string; readonly path: string }[];
  };
  readonly ephemeral?: { readonly volumeClaimTemplate: { readonly spec: unknown } };
}

export interface JobPodSpec {
  readonly initContainers?: readonly JobContainer[];
  readonly containers: readonly JobContainer[];
  readonly volumes: readonly JobVolume[];
  readonly restartPolicy: string;
  readonly serviceAccountName: string;
  readonly securityContext: { readonly runAsUser: number; readonly runAsGroup: number };
}

export interface JobSchedule {
  readonly metadata: {
    readonly name: string;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>> & {
    readonly schedule: string;
    readonly jobTemplate: {
      readonly spec: {
        readonly template: {
          readonly metadata: { readonly labels: Readonly<Record<string, string>> };
          readonly spec: JobPodSpec;
        };
      };
    };
  };
}

/** Differences between this machine and a cluster. */
export interface JobEnvironment {
  readonly port: number;
  /** Folders with the programs of the images. */
  readonly programs: readonly string[];
  /** Files of Secrets that the stack does not create, by name of the Secret and of the key. */
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Replacements in files, arguments and variables, such as for a password. */
  readonly replace?: readonly (readonly [string, string])[];
}

export interface JobResult {
  readonly code: number | null;
  /** Both streams, in order of arrival. */
  readonly output: string;
}

/** A pod of a CronJob. Its volumes are folders with the owners and modes that a kubelet sets. */
export class JobPod {
  readonly #folder = mkdtempSync(join(tmpdir(), "sark-job-"));
  readonly #spec: JobPodSpec;
  readonly #place: JobEnvironment;

  constructor(registered: readonly Registered[], cronJob: string, place: JobEnvironment) {
    this.#spec = podOf(registered, cronJob);
    this.#place = place;
    chmodSync(this.#folder, 0o755);
    for (const volume of this.#spec.volumes) {
      const folder = this.volume(volume.name);
      mkdirSync(folder);
      const files = this.#filesOf(registered, volume);
      for (const [name, content] of Object.entries(files)) {
        writeFileSync(join(folder, name), this.#written(content), { mode: 0o440 });
      }
      this.#give(folder);
    }
  }

  /** The folder of a volume. */
  volume(name: string): string {
    return join(this.#folder, name);
  }

  /** In the order in which they run. */
  get containers(): readonly JobContainer[] {
    return containersOf(this.#spec);
  }

  /**
   * Runs one container to its end.
   * @param env additional variables
   * @param killed the container is killed when this resolves
   */
  async run(
    name: string,
    env: Readonly<Record<string, string>> = {},
    killed?: Promise<unknown>,
  ): Promise<JobResult> {
    const container = this.containers.find((each) => each.name === name);
    if (!container) throw new Error(`no container ${name}`);
    const here = (text: string) => this.#here(container, text);
    const [program = "", ...args] = [...(container.command ?? []), ...(container.args ?? [])].map(
      here,
    );
    const said = Object.fromEntries(container.env.map((each) => [each.name, here(each.value)]));
    const usual = said["PATH"] ?? "/usr/local/bin:/usr/bin:/bin";
    const connects = said["PGPORT"] !== undefined;
    const child = spawn(program, args, {
      env: {
        ...said,
        PATH: [...this.#place.programs, usual].join(":"),
        ...(connects ? { PGHOSTADDR: "127.0.0.1", PGPORT: String(this.#place.port) } : {}),
        ...env,
      },
      cwd: "/",
      stdio: ["ignore", "pipe", "pipe"],
      ...this.#user(),
    });
    void killed?.then(() => child.kill("SIGKILL"));
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    return { code, output };
  }

  /** Runs the init containers, each after the one before it has succeeded, and then the others together. */
  async runAll(): Promise<JobResult> {
    const { initContainers = [], containers } = this.#spec;
    let output = "";
    for (const { name } of initContainers) {
      const result = await this.run(name);
      output += result.output;
      if (result.code !== 0) return { code: result.code, output };
    }
    const results = await Promise.all(containers.map(({ name }) => this.run(name)));
    const failed = results.find(({ code }) => code !== 0);
    return {
      code: failed ? failed.code : 0,
      output: output + results.map((each) => each.output).join(""),
    };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #here({ volumeMounts }: JobContainer, text: string): string {
    return volumeMounts.reduce(
      (before, mount) => before.replaceAll(mount.mountPath, this.volume(mount.name)),
      this.#written(text),
    );
  }

  #filesOf(
    registered: readonly Registered[],
    { configMap, secret }: JobVolume,
  ): Readonly<Record<string, string>> {
    const dataOf = (kind: string, name: string, key: string) =>
      unwrapSecret(objectOf(registered, kind, name)[key]) as Readonly<Record<string, string>>;
    if (configMap) return dataOf("ConfigMap", configMap.name, "data");
    if (!secret) return {};
    const { secretName, items } = secret;
    const data = this.#place.secrets?.[secretName] ?? dataOf("Secret", secretName, "stringData");
    return Object.fromEntries(items.map(({ key, path }) => [path, data[key] ?? ""]));
  }

  #written(content: string): string {
    const { port, replace = [] } = this.#place;
    const all = [[":5432:", `:${port}:`] as const, ...replace];
    return all.reduce((before, [from, to]) => before.replaceAll(from, to), content);
  }

  /** Sets owner and mode as fsGroup does: owned by root, readable by the group, and writable if nothing is mounted. */
  #give(folder: string): void {
    const { uid, gid } = this.#user();
    const names = readdirSync(folder);
    if (gid !== undefined) {
      for (const each of [folder, ...names.map((name) => join(folder, name))])
        chownSync(each, 0, gid);
    }
    chmodSync(folder, names.length > 0 && uid !== undefined ? 0o750 : 0o2775);
  }

  /**
   * The user of the pod, which has no name here; without root, or if that user cannot reach the files, the user of this
   * process.
   */
  #user(): { readonly uid?: number; readonly gid?: number } {
    if (!isRoot()) return {};
    const { runAsUser: uid, runAsGroup: gid } = this.#spec.securityContext;
    const [first] = this.#place.programs;
    const reach = spawnSync("/bin/ls", [first ?? "/"], { uid, gid, stdio: "ignore" });
    return reach.status === 0 ? { uid, gid } : {};
  }
}

/** Unwraps a secret of Pulumi. */
export function unwrapSecret(value: unknown): unknown {
  return typeof value === "object" && value !== null && "value" in value ? value.value : value;
}

/** Init containers and the others, in the order in which they run. */
export function containersOf({ initContainers, containers }: JobPodSpec): readonly JobContainer[] {
  return [...(initContainers ?? []), ...containers];
}

export function scheduleOf(registered: readonly Registered[], cronJob: string): JobSchedule {
  return objectOf(registered, "CronJob", cronJob) as unknown as JobSchedule;
}

/** Pod template of a CronJob. */
export function podOf(registered: readonly Registered[], cronJob: string): JobPodSpec {
  return scheduleOf(registered, cronJob).spec.jobTemplate.spec.template.spec;
}
