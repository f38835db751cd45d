import { z } from "zod";
import { isRegion } from "./regions";
import {
  enumSetting,
  withDocumentation,
  booleanSetting,
  imageSetting,
  tcpPortSetting,
  integerSetting,
} from "../../../settings/plan/settings-fields";
import type { Settings } from "../../../settings/plan/settings-stack";

/** Settings of the AWS home. */

const id = (prefix: string, description: string) =>
  withDocumentation(
    z.string().regex(new RegExp(`^${prefix}-[0-9a-f]{8,17}$`)),
    description,
    `an id such as ${prefix}-0123456789abcdef0`,
    "names may change; an id does not",
  );

const tags = (description: string) =>
  withDocumentation(
    z.record(z.string().min(1).max(128), z.string().max(256)).refine(isFilled),
    description,
    "at least one tag, such as tier: database",
    "a match must have every tag",
  );

const region = (description: string) =>
  withDocumentation(
    z.string().refine(isRegion),
    description,
    "a region such as eu-central-1",
    "all AWS resources of the stack are in it",
  );

/** Security groups, by the name that goes into their rule's description. Addresses are refused, above all 0.0.0.0/0. */
const sources = withDocumentation(
  z
    .record(
      z.string().regex(/^[a-z0-9][a-z0-9 -]{0,60}$/),
      withDocumentation(
        z.string().regex(/^sg-[0-9a-f]{8,17}$/),
        "A security group whose members reach the databases.",
        "the id of a security group such as sg-0123456789abcdef0, and no address, least of all 0.0.0.0/0",
        "scanners find an open port within minutes, and an address can change hands",
      ),
    )
    .refine(isFilled),
  "Security groups whose members reach the databases, each with a name.",
  "names with ids of security groups, such as eks: sg-0123456789abcdef0; no addresses",
  "scanners find an open port within minutes, and an address can change hands",
);

const network = {
  vpc: id("vpc", "VPC of the databases. Left out: the one with `vpcTags`.").optional(),
  vpcTags: tags("Tags that identify the VPC, instead of its id.").optional(),
  subnets: withDocumentation(
    z.array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/)).min(2),
    "Private subnets for the databases, in at least two zones. Left out: those with `subnetTags`.",
    "two or more ids such as subnet-0123456789abcdef0",
    "a stand-by is in another zone, and private subnets are not reachable from the internet",
  ).optional(),
  subnetTags: tags("Tags that identify the subnets in the VPC, instead of their ids.").optional(),
  sources,
};

/** Settings of everything that the stack creates on AWS. */
export const awsSettings = z.strictObject({
  account: withDocumentation(
    z.string().regex(/^\d{12}$/),
    "AWS account of the stack. Credentials of another account are refused.",
    "twelve digits, in quotes",
    "a wrong profile would create a second production elsewhere",
  ),
  region: region("Region of the databases."),
  ...network,
  port: integerSetting(
    1150,
    65_535,
    "Port of the servers on RDS.",
    "port scanners try 5432 first",
  ).default(5433),
  cluster: z
    .strictObject({
      name: withDocumentation(
        z.string().regex(/^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$/),
        "Name of the EKS cluster of the Kubernetes home.",
        "up to 100 letters, digits, hyphens and underscores",
        "only service accounts of this cluster may assume the roles",
      ),
      identity: enumSetting(
        ["pod-identity", "irsa"],
        "How a pod assumes a role: EKS Pod Identity (needs its agent on the nodes), or the cluster's OIDC provider.",
        "both work without keys that could leak",
      ).default("pod-identity"),
      issuer: withDocumentation(
        z.string().regex(/^oidc\.[\w.-]+\/id\/[0-9A-F]{32}$/),
        "OIDC issuer of the cluster, without https://, for identity irsa.",
        "an issuer such as oidc.eks.eu-central-1.amazonaws.com/id/ and 32 hexadecimal digits",
        "the roles trust its tokens",
      ).optional(),
    })
    .optional()
    .meta({ description: "The EKS cluster whose pods assume the backup roles." }),
  notify: withDocumentation(
    z.array(z.email()),
    "E-mail addresses that receive alarms and events. Each has to confirm its subscription.",
    "a list of e-mail addresses",
    "without a recipient, alarms go unnoticed",
  ).default([]),
  logRetentionDays: withDocumentation(
    z.literal([365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]),
    "Days that CloudWatch keeps the servers' logs.",
    "365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653",
    "an attack is often found months later, and CloudWatch accepts only these values",
  ).default(400),
  localPort: tcpPortSetting(
    "Loopback port of the program's relay to the primary of sark. Left out: 25433, or a free port.",
  ).optional(),
  gateway: z
    .strictObject({
      image: imageSetting(
        "HAProxy image of the gateway pods, which connect port-forwards to RDS (route port-forward). Left out: a fixed version.",
      ).optional(),
    })
    .prefault({}),
  exporter: z
    .strictObject({
      enabled: booleanSetting(
        "Whether an exporter on the EKS cluster reads the metrics of sark for Prometheus. The alarms of CloudWatch stay without it.",
        "CloudWatch measures the machine, not the inside of the database",
      ).default(true),
      image: imageSetting(
        "Image of that exporter: burningalchemist/sql_exporter. Left out: a fixed version.",
      ).optional(),
    })
    .prefault({}),
  secondRegion: z
    .strictObject({
      region: region("Region of the copies and the replica."),
      backups: booleanSetting(
        "Whether backups are copied there: snapshots, the server's WAL, and the bucket.",
        "a whole region can fail",
      ).default(true),
      replica: z
        .strictObject(network)
        .optional()
        .meta({ description: "A read replica in the second region, and its network." }),
    })
    .optional()
    .meta({
      description: "A second region for copies of backups and a read replica. Left out: none.",
    }),
});

/** A stack's settings as this home reads them. */
export interface AwsStackSettings extends Settings {
  aws?: AwsSettings | undefined;
}

/** The AWS account: its regions, networks, EKS cluster and alarm recipients. */
export type AwsSettings = z.output<typeof awsSettings>;

function isFilled(record: Readonly<Record<string, string>>): boolean {
  return Object.keys(record).length > 0;
}
