import {
  type OnRds,
  type Settings,
  type StackSettings,
  parseSettings,
} from "../../../../support/parse-settings";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { RdsDatabase } from "../../../../../components/homes/aws/database/rds-database";
import { home as awsModule } from "../../../../../components/homes/aws/open-aws";
import { homeRequest } from "../../../../../components/homes/plan/registry";
import type { RelayOptions } from "../../../../../components/route/open-relay";
import { type LoopbackPort, listenOnLoopback } from "../../../../../components/route/loopback-port";
import { type Registration, readRegistration } from "../../../../../engine/embedded/registration";
import { shortName } from "../../../../../engine/names";
import { withPlans } from "../../../../support/registered";

jest.mock("../../../../../components/homes/aws/platform/network-lookup", () => ({
  findNetworks: (wanted: readonly { regionProvider: { region: string } }[]) =>
    Promise.resolve(
      wanted.map(({ regionProvider }) => ({
        vpc: "vpc-0123456789abcdef0",
        subnets: ["a", "b", "c"].map((zone) => ({
          id: `subnet-0123456789abcdef${zone}`,
          zone: `${regionProvider.region}${zone}`,
        })),
      })),
    ),
}));

jest.mock("../../../../../components/route/open-relay", () => ({
  openRelay: ({ listen }: RelayOptions) => ({
    host: pulumi.output("127.0.0.1"),
    port: pulumi.output(listen.port),
  }),
}));

const NETWORK = {
  vpc: "vpc-0123456789abcdef0",
  subnets: ["subnet-0123456789abcdefa", "subnet-0123456789abcdefb"],
  sources: { eks: "sg-0123456789abcdef0" },
};

const AWS = {
  account: "111122223333",
  region: "eu-central-1",
  notify: ["databases@example.com"],
  exporter: { enabled: false },
  ...NETWORK,
};

/** Settings with a second region and a replica in it. */
export const SECOND_REGION = {
  ...AWS,
  secondRegion: {
    region: "eu-west-1",
    replica: { ...NETWORK, sources: { spare: "sg-0fedcba9876543210" } },
  },
};

/** Settings that a production stack has in addition. */
export const PROTECTED = { protection: true, aws: SECOND_REGION };

/** A stack like production with changes of `sark`, and of the rest. */
export function rdsStack(sark: object = {}, rest: object = {}): StackSettings & OnRds {
  const settings = parseSettings({
    sark: {
      home: "aws",
      availability: "multi-zone",
      size: { memory: "32GiB", vcpus: 8, storage: { size: "500GiB", kind: "san" } },
      ...sark,
    },
    audit: {
      home: "kubernetes",
      instances: 1,
      image:
        "registry.example.com/sark/timescaledb:18.6-ts2.29.2@sha256:1111111111111111111111111111111111111111111111111111111111111111",
    },
    backups: { retentionDays: 30, bucket: { path: "s3://sark-backups", retentionDays: 32 } },
    aws: AWS,
    pool: { enabled: false },
    route: "direct",
    protection: false,
    rotation: 1,
    ...rest,
  });
  return withPlans(settings as Settings & OnRds);
}

export interface Built {
  readonly made: RdsDatabase;
  /** Loopback port of the relay. */
  readonly listen: LoopbackPort;
  readonly planned: readonly Registration[];
  /** The registration of that name. @throws Error with the existing names when there is none */
  readonly named: (name: string) => Registration;
  /** Custom timeouts of the resource with that name. */
  readonly timeouts: (name: string) => unknown;
}

/**
 * Registers a stack's database on RDS with mocks. Outputs are derived from resource names.
 * @param secretless whether this is the preview of an existing server whose password RDS does not manage yet
 */
export async function built(settings: StackSettings, secretless = false): Promise<Built> {
  const asked = jest.spyOn(MockMonitor.prototype, "registerResource");
  const listen = await listenOnLoopback();
  let made: RdsDatabase | undefined;
  try {
    await pulumi.runtime.setMocks(
      { newResource: (args) => madeBy(args, secretless), call: () => ({}) },
      "sark-databases",
      "test",
      secretless,
    );
    await pulumi.runtime.runInPulumiStack(async () => {
      const home = await awsModule.open(settings, homeRequest(settings, "aws"));
      const context = { listen, storage: undefined, makeGateway: undefined };
      const server = home.server("sark", "sark", context);
      if (server instanceof RdsDatabase) made = server;
      return {};
    });
    await pulumi.runtime.disconnect();
    if (!made) throw new Error("no database was created");
    const requests = asked.mock.calls.map(([request]) => request as RegisterResourceRequest);
    const names = { project: "sark-databases", stack: "test" };
    return {
      listen,
      ...read(
        made,
        requests.map((request) => readRegistration(names, request)),
      ),
      timeouts: (name) =>
        requests
          .find((request) => request.getName() === name)
          ?.getCustomtimeouts()
          ?.toObject(),
    };
  } finally {
    asked.mockRestore();
  }
}

function madeBy({ name, inputs }: pulumi.runtime.MockResourceArgs, secretless: boolean) {
  const given = inputs as Readonly<Record<string, unknown>>;
  const state = {
    ...given,
    name: given["name"] ?? `name of ${name}`,
    arn: `arn of ${name}`,
    address: `${String(given["identifier"])}.example.eu-central-1.rds.amazonaws.com`,
    masterUserSecrets: secretless ? [] : [{ secretArn: `secret of ${name}` }],
    result: `password of ${name}`,
    hex: `${String(given["prefix"])}0123abcd`,
  };
  return { id: `id of ${name}`, state };
}

function read(
  made: RdsDatabase,
  planned: readonly Registration[],
): Omit<Built, "timeouts" | "listen"> {
  return {
    made,
    planned,
    named: (name) => {
      const found = planned.find((each) => each.name === name);
      if (found) return found;
      throw new Error(`no ${name}; there are ${planned.map((each) => each.name).join(", ")}`);
    },
  };
}

/** Names of the resources that a registration depends on. */
export function waitsFor({ dependencies }: Registration): readonly string[] {
  return dependencies.map(shortName);
}
