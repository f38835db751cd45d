import { awsStackOf } from "../plan/aws-stack";
import * as aws from "@pulumi/aws";
import { AwsBackups } from "../../../../../components/homes/aws/backups/aws-backups";
import type { RdsServer } from "../../../../../components/homes/aws/database/rds-server";
import { AwsPlatform } from "../../../../../components/homes/aws/platform/aws-platform";
import { awsNames, inRegion } from "../../../../../components/homes/aws/plan/aws-names";
import type { StackSettings } from "../../../../support/parse-settings";
import type { Registration } from "../../../../../engine/embedded/registration";
import { shortName } from "../../../../../engine/names";
import { withPlans } from "../../../../support/registered";
import { plannedBy } from "../../../../support/kubernetes-plan";
import { type Changes, stackOf } from "../../kubernetes/plan/kubernetes-stack";

export const ISSUER = `oidc.eks.eu-central-1.amazonaws.com/id/${"0123456789ABCDEF".repeat(2)}`;

const AWS = {
  account: "111122223333",
  region: "eu-central-1",
  sources: { eks: "sg-0123456789abcdef0" },
  cluster: { name: "sark-prod" },
  secondRegion: { region: "eu-west-1" },
};

/** A stack like production: sark on RDS, sark_audit on Kubernetes, a managed bucket with a copy. */
export function backupStack(changes: Changes = {}): StackSettings {
  const bucket = { path: "s3://sark-backups/prod", retentionDays: 365, managed: true };
  const settings = stackOf({
    sark: { home: "aws" },
    backups: { retentionDays: 30, bucket },
    aws: AWS,
    ...changes,
  });
  return withPlans(settings);
}

/** Changes of the settings group `aws`. */
export const amazon = (changes: Changes) => ({ aws: { ...AWS, ...changes } });

/** Changes of the backup bucket's settings. */
export const bucket = (changes: Changes) => ({
  backups: {
    retentionDays: 30,
    bucket: { path: "s3://sark-backups/prod", retentionDays: 365, managed: true, ...changes },
  },
});

export interface Built {
  readonly backups: AwsBackups;
  /** Registered AWS resources, without components. */
  readonly planned: readonly Registration[];
  /** The registration of that name. @throws Error with the existing names when there is none */
  readonly named: (name: string) => Registration;
  /** The inputs of that name. */
  readonly inputsOf: (name: string) => Readonly<Record<string, unknown>>;
}

/** Registers the backups of a stack. @param copies servers whose automated backups are replicated */
export async function built(
  settings: StackSettings,
  copies: (
    platform: AwsPlatform,
  ) => readonly Pick<RdsServer, "identifier" | "instance">[] = () => [],
): Promise<Built> {
  let backups: AwsBackups | undefined;
  const planned = await plannedBy(
    () => {
      const stack = awsStackOf(settings);
      const { aws: own, protection } = stack;
      if (!own) throw new Error("settings without AWS");
      const names = awsNames(own, "prod");
      const network = { vpc: "vpc-0123456789abcdef0", subnets: [] };
      const { region } = own.secondRegion ?? {};
      const platform = new AwsPlatform("aws", {
        protection,
        regions: {
          main: { names, network, provider: new aws.Provider("aws") },
          ...(region === undefined
            ? {}
            : {
                second: {
                  names: inRegion(names, region),
                  provider: new aws.Provider("aws-second"),
                },
              }),
        },
      });
      backups = new AwsBackups("backups", { ...stack, aws: own, platform });
      for (const copied of copies(platform)) backups.copyServer(copied);
    },
    ({ name }) => ({ arn: `arn of ${name}` }),
  );
  if (!backups) throw new Error("no backups were created");
  const own = planned.filter(({ custom, type }) => custom && type.startsWith("aws:"));
  const named = (name: string) => {
    const found = own.find((each) => each.name === name);
    if (found) return found;
    throw new Error(`no ${name}; there are ${own.map((each) => each.name).join(", ")}`);
  };
  return {
    backups,
    planned: own,
    named,
    inputsOf: (name) => named(name).inputs,
  };
}

/** Names of the resources that a registration depends on. */
export function waitsFor({ dependencies }: Registration): readonly string[] {
  return dependencies.map(shortName);
}
