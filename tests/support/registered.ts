import { type Settings, type StackSettings, parseSettings } from "./parse-settings";
import * as pulumi from "@pulumi/pulumi";
import { stackHypertables } from "../../components/hypertables/plan/hypertable-plan";
import { planServers } from "../../components/homes/plan/stack-plan";

/** A resource that a component registered with the mocks of Pulumi. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** Outputs of a provider in addition to the inputs. */
export type ProviderOutputs = (resource: Registered) => Readonly<Record<string, unknown>>;

/**
 * The resources that a component registers, in order; nothing is created. Outputs are the inputs, and passwords are
 * `secret-<name>`.
 * @param answer additional outputs.
 * @default - none
 */
export async function registeredBy(
  build: () => unknown,
  answer: ProviderOutputs = () => ({}),
): Promise<readonly Registered[]> {
  const found: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        const resource = { type, name, inputs: inputs as Record<string, unknown> };
        found.push(resource);
        const made = type.startsWith("random:")
          ? { result: `secret-${name}`, hex: "0123456789" }
          : {};
        return { id: name, state: { ...(inputs as object), ...made, ...answer(resource) } };
      },
      call: ({ inputs }) => inputs as Record<string, unknown>,
    },
    "sark-databases",
    "test",
  );
  await pulumi.runtime.runInPulumiStack(async () => {
    await build();
    return {};
  });
  await pulumi.runtime.disconnect();
  return found.filter(({ type }) => type !== "pulumi:pulumi:Stack");
}

/** The Kubernetes object with a kind and a name. @throws Error if there is none, listing the existing ones */
export function objectOf(
  registered: readonly Registered[],
  kind: string,
  name: string,
): Readonly<Record<string, unknown>> {
  const objects = registered.map(({ inputs }) => inputs).filter((each) => "kind" in each);
  const found = objects.find((each) => each["kind"] === kind && nameOf(each) === name);
  if (found) return found;
  const there = objects.map((each) => `${String(each["kind"])} ${nameOf(each)}`);
  throw new Error(`no ${kind} ${name}; there are ${there.join(", ")}`);
}

function nameOf({ metadata }: Readonly<Record<string, unknown>>): string {
  return String((metadata as { name?: string } | undefined)?.name);
}

/** Settings of a development stack with changes, as `loadSettings` returns them. */
export function kubernetesStack(changes: Readonly<Record<string, unknown>> = {}): StackSettings {
  const settings = parseSettings({
    sark: { home: "kubernetes", instances: 1 },
    audit: {
      home: "kubernetes",
      instances: 1,
      image: "registry.example.com/sark/timescaledb:18.6-ts2.29.2",
    },
    backups: { bucket: { path: "s3://sark-dev-backups", retentionDays: 30 } },
    route: "port-forward",
    protection: false,
    rotation: 1,
    ...changes,
  });
  return withPlans(settings);
}

/** Settings with the plans computed from them, on a machine of 8 GiB, without secrets. */
export function withPlans<T extends Settings>(settings: T): T & StackSettings {
  const servers = planServers(settings, { memory: 8 * 2 ** 30, vcpus: 4 });
  return {
    ...settings,
    servers,
    hypertables: stackHypertables(settings, servers.sark_audit),
    secrets: {},
  };
}
