/** Registers the pool's objects like a stack; nothing is created. */
import * as pulumi from "@pulumi/pulumi";
import type { DatabaseServer } from "../../../../../components/homes/database-server";
import { DatabaseLayer } from "../../../../../components/database-layer/database-layer";
import {
  KubernetesPgBouncer,
  type KubernetesPgBouncerArgs,
} from "../../../../../components/homes/kubernetes/pool/kubernetes-pgbouncer";
import {
  clusterNames,
  serviceHost,
} from "../../../../../components/homes/kubernetes/plan/cluster-names";
import type { DatabaseName } from "../../../../../components/roles/plan/role-plan";
import type { StackSettings } from "../../../../support/parse-settings";
import { platformOf } from "../../../../support/built-cluster";
import {
  type Registered,
  kubernetesStack,
  objectOf,
  registeredBy,
} from "../../../../support/registered";

export type Tree = Readonly<Record<string, unknown>>;

export const podLabels = {
  "app.kubernetes.io/name": "pgbouncer",
  "app.kubernetes.io/component": "pgbouncer",
};

export interface PoolOptions {
  /** Settings. */
  readonly changes?: Tree;
  readonly name?: string;
  readonly sarkHome?: string;
  readonly auditHome?: string;
}

/** The pool in front of both databases, with two servers of `sark`. */
export async function buildPool(options: PoolOptions = {}): Promise<BuiltPool> {
  const settings = kubernetesStack({
    sark: { home: "kubernetes", instances: 2 },
    ...options.changes,
  });
  const layer = (database: DatabaseName, home: string) =>
    new DatabaseLayer(database, {
      server: serverOf(settings, database, home),
      rotation: settings.rotation,
    });
  let pool: KubernetesPgBouncer | undefined;
  let refusal: unknown;
  const registered = await registeredBy(() => {
    const args: KubernetesPgBouncerArgs = {
      platform: platformOf(settings, "platform"),
      databases: [
        layer("sark", options.sarkHome ?? "kubernetes"),
        layer("sark_audit", options.auditHome ?? "kubernetes"),
      ],
      settings: settings.pool,
    };
    try {
      pool = new KubernetesPgBouncer(options.name ?? "pool", args);
    } catch (error) {
      refusal = error;
    }
  });
  return new BuiltPool(registered, pool, refusal);
}

export class BuiltPool {
  constructor(
    readonly registered: readonly Registered[],
    readonly pool: KubernetesPgBouncer | undefined,
    /** Error of building the pool. */
    readonly refusal: unknown,
  ) {}

  object(kind: string, name: string): Tree {
    return objectOf(this.registered, kind, name);
  }

  get deployment(): Tree {
    return this.object("Deployment", "pgbouncer")["spec"] as Tree;
  }

  get pod(): Tree {
    return (this.deployment["template"] as { spec: Tree }).spec;
  }

  container(name: string): Tree {
    return named(this.pod["containers"], name);
  }

  volume(name: string): Tree {
    return named(this.pod["volumes"], name);
  }

  get configMap(): Tree {
    return this.#only("ConfigMap", "pgbouncer-config-");
  }

  get secret(): Tree {
    return this.#only("Secret", "pgbouncer-logins-");
  }

  get secretData(): Tree {
    return unwrapped(this.secret["stringData"]) as Tree;
  }

  get ini(): string {
    return String((this.configMap["data"] as Tree)["pgbouncer.ini"]);
  }

  #only(kind: string, prefix: string): Tree {
    const found = this.registered.filter(
      ({ inputs }) => inputs["kind"] === kind && nameOf(inputs).startsWith(prefix),
    );
    expect(found).toHaveLength(1);
    return found[0]?.inputs ?? {};
  }
}

export function nameOf(inputs: Tree): string {
  return String((inputs["metadata"] as Tree | undefined)?.["name"]);
}

function named(list: unknown, name: string): Tree {
  const found = (list as Tree[]).find((each) => each["name"] === name);
  if (!found) throw new Error(`none is named ${name}`);
  return found;
}

/** Lists all strings of an object. */
export function strings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(strings);
}

/** Lists strings that Pulumi does not encrypt. */
export function shownStrings(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return strings(value);
  return isSecret(value) ? [] : Object.values(value).flatMap(shownStrings);
}

export function unwrapped(value: unknown): unknown {
  return isSecret(value) ? value.value : value;
}

/** Key and value that mark a secret for Pulumi's engine. */
const SIGNATURE = ["4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"] as const;

function isSecret(value: unknown): value is { readonly value: unknown } {
  const [key, signature] = SIGNATURE;
  return typeof value === "object" && value !== null && (value as Tree)[key] === signature;
}

function serverOf(settings: StackSettings, database: DatabaseName, home: string): DatabaseServer {
  const { primary, replicas } = clusterNames({ database, recovery: undefined });
  const at = (service: string) => ({
    host: pulumi.output(serviceHost(service, settings.kubernetes.namespace)),
    ...(home === "kubernetes" ? { service } : {}),
    port: pulumi.output(5432),
  });
  const plan = settings.servers[database];
  const password = pulumi.secret("administrator's");
  return {
    ...at(primary),
    home,
    engine: "postgresql",
    database,
    admin: { ...at(primary), user: "admin", password, sslMode: "disable", superuser: false },
    maxConnections: plan.maxConnections,
    extensions: [],
    limits: [],
    plan,
    ...(plan.entries.some(({ replica }) => replica) ? { replica: at(replicas) } : {}),
  };
}
