/** A stack with `sark` on RDS, without network look-ups. */
import {
  type OnRds,
  type Settings,
  type StackSettings,
  parseSettings,
} from "../../../../support/parse-settings";
import * as aws from "@pulumi/aws";
import { AwsPlatform } from "../../../../../components/homes/aws/platform/aws-platform";
import {
  type AwsNames,
  awsNames,
  inRegion,
} from "../../../../../components/homes/aws/plan/aws-names";
import type { Registration } from "../../../../../engine/embedded/registration";
import { shortName } from "../../../../../engine/names";
import { withPlans } from "../../../../support/registered";

const NETWORK = {
  vpc: "vpc-0123456789abcdef0",
  subnets: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
  sources: { eks: "sg-0123456789abcdef0" },
};

export const AMAZON = {
  account: "111122223333",
  region: "eu-central-1",
  ...NETWORK,
  notify: ["databases@example.com", "night@example.com"],
};

/** The same with a replica in a second region. */
export const TWO_REGIONS = { ...AMAZON, secondRegion: { region: "eu-west-1", replica: NETWORK } };

/** Settings like production's with changes of `sark`, and of the rest. */
export function amazonStack(
  sark: Readonly<Record<string, unknown>> = {},
  rest: Readonly<Record<string, unknown>> = {},
): StackSettings & OnRds {
  const settings = parseSettings({
    sark: {
      home: "aws",
      availability: "multi-zone",
      size: { memory: "32GiB", vcpus: 8, storage: { size: "500GiB", kind: "san" } },
      ...sark,
    },
    audit: { home: "local" },
    aws: AMAZON,
    route: "direct",
    pool: { enabled: false },
    protection: false,
    rotation: 1,
    ...rest,
  });
  return withPlans(settings as Settings & OnRds);
}

export function namesOf({ aws: given }: StackSettings): AwsNames {
  if (!given) throw new Error("settings without AWS");
  return awsNames(given, "test");
}

/** Platform of the stack's AWS components. Call it where resources are registered. */
export function amazonPlatform(settings: StackSettings): AwsPlatform {
  const names = namesOf(settings);
  const network = { vpc: "vpc-0123456789abcdef0", subnets: [] };
  const secondRegion = settings.aws?.secondRegion;
  const main = { names, network, provider: provider("aws", names.region) };
  const second = secondRegion && {
    names: inRegion(names, secondRegion.region),
    network,
    provider: provider("aws-second", secondRegion.region),
  };
  const places = { main, ...(second ? { second } : {}) };
  return new AwsPlatform("aws", { regions: places, protection: settings.protection });
}

function provider(name: string, region: string): aws.Provider {
  return new aws.Provider(name, { region });
}

/** Registrations of a type, by name. */
export function ofType(
  planned: readonly Registration[],
  type: string,
): Readonly<Record<string, Registration>> {
  const found = planned.filter((each) => each.type === type);
  return Object.fromEntries(found.map((each) => [each.name, each]));
}

/** The registration with a name. @throws Error when there is none, with the existing names */
export function named(planned: readonly Registration[], name: string): Registration {
  const found = planned.find((each) => each.name === name);
  if (found) return found;
  throw new Error(`no ${name}; there are ${planned.map((each) => each.name).join(", ")}`);
}

/** Name of a registration's provider. */
export function providerOf({ provider }: Registration): string {
  return shortName(provider.split("::").slice(0, -1).join("::"));
}

/** The statements of a policy that is plain text in a preview. */
export function statementsOf(policy: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (typeof policy !== "string") throw new Error("the policy is not known");
  const parsed: unknown = JSON.parse(policy);
  return (parsed as { Statement: readonly Readonly<Record<string, unknown>>[] }).Statement;
}
