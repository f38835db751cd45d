import { z } from "zod";
import { isRegion } from "./regions";
import {
  choice,
  explained,
  flag,
  image,
  port,
  whole,
} from "../../../settings/plan/settings-fields";
import type { Settings } from "../../../settings/plan/settings-stack";

/** Settings of the AWS home. */

const id = (prefix: string, description: string) =>
  explained(
    z.string().regex(new RegExp(`^${prefix}-[0-9a-f]{8,17}$`)),
    description,
    `an id such as ${prefix}-0123456789abcdef0`,
    "names may change, an id stays",
  );

const tags = (description: string) =>
  explained(
    z.record(z.string().min(1).max(128), z.string().max(256)).refine(isFilled),
    description,
    "at least one tag, such as tier: database",
    "what carries all of them is meant",
  );

const region = (description: string) =>
  explained(
    z.string().refine(isRegion),
    description,
    "a region such as eu-central-1",
    "everything of the stack on AWS is in it",
  );

/** Security groups by the name that their rule's description gives; an address, least of all 0.0.0.0/0, is no source. */
const sources = explained(
  z
    .record(
      z.string().regex(/^[a-z0-9][a-z0-9 -]{0,60}$/),
      explained(
        z.string().regex(/^sg-[0-9a-f]{8,17}$/),
        "A security group whose members reach the databases.",
        "the id of a security group such as sg-0123456789abcdef0, and no address, least of all 0.0.0.0/0",
        "an open port is found within minutes, and an address is whoever has it today",
      ),
    )
    .refine(isFilled),
  "Security groups whose members reach the databases, by a name for what they are.",
  "names with ids of security groups, such as eks: sg-0123456789abcdef0; no addresses",
  "an open port is found within minutes, and an address is whoever has it today",
);

const network = {
  vpc: id("vpc", "VPC that the databases are in. Left out: the one with `vpcTags`.").optional(),
  vpcTags: tags("Tags that find the VPC, in place of its id.").optional(),
  subnets: explained(
    z.array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/)).min(2),
    "Private subnets for the databases, in at least two zones. Left out: those with `subnetTags`.",
    "two or more ids such as subnet-0123456789abcdef0",
    "a stand-by is in another zone, and in a private subnet nobody on the internet reaches it",
  ).optional(),
  subnetTags: tags("Tags that find the subnets in the VPC, in place of their ids.").optional(),
  sources,
};

/** Settings of everything that the stack makes on AWS. */
export const awsSettings = z.strictObject({
  account: explained(
    z.string().regex(/^\d{12}$/),
    "Account that everything is made in; credentials of another are refused.",
    "twelve digits, in quotes",
    "a profile that points elsewhere would make a second production",
  ),
  region: region("Region of the databases."),
  ...network,
  port: whole(
    1150,
    65_535,
    "Port of the servers on RDS.",
    "whoever looks for databases tries 5432 first",
  ).default(5433),
  cluster: z
    .strictObject({
      name: explained(
        z.string().regex(/^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$/),
        "Name of the EKS cluster of the Kubernetes home.",
        "up to 100 letters, digits, hyphens and underscores",
        "roles are given to service accounts of this cluster only",
      ),
      identity: choice(
        ["pod-identity", "irsa"],
        "How a pod takes on a role: EKS Pod Identity (its agent runs on the nodes), or the cluster's OIDC provider.",
        "a pod has no keys that could leak",
      ).default("pod-identity"),
      issuer: explained(
        z.string().regex(/^oidc\.[\w.-]+\/id\/[0-9A-F]{32}$/),
        "OIDC issuer of the cluster, without https://, for identity irsa.",
        "an issuer such as oidc.eks.eu-central-1.amazonaws.com/id/ and 32 hexadecimal digits",
        "the roles trust what it signs",
      ).optional(),
    })
    .optional()
    .meta({ description: "The EKS cluster, whose pods take on the roles of the backups." }),
  notify: explained(
    z.array(z.email()),
    "Addresses that alarms and events are sent to; each has to confirm.",
    "a list of e-mail addresses",
    "what nobody hears of is not looked after",
  ).default([]),
  logRetentionDays: explained(
    z.literal([365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]),
    "Days for which CloudWatch keeps the servers' logs.",
    "365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653",
    "an attack is often found months later, and CloudWatch knows these figures only",
  ).default(400),
  localPort: port(
    "Loopback port through which the program reaches the primary of sark. Left out: 25433, or a free one.",
  ).optional(),
  gateway: z
    .strictObject({
      image: image(
        "Image of HAProxy, which leads from the Kubernetes API to RDS with route port-forward. Left out: a fixed version.",
      ).optional(),
    })
    .prefault({}),
  secondRegion: z
    .strictObject({
      region: region("Region of the copies."),
      backups: flag(
        "Whether backups are copied there: snapshots, the log of the server, and the bucket.",
        "a region can be lost, or locked away with its account",
      ).default(true),
      replica: z
        .strictObject(network)
        .optional()
        .meta({ description: "A read replica there, and the network that it is in." }),
    })
    .optional()
    .meta({ description: "A second region for copies. Left out: none." }),
});

/** A stack's settings as this home reads them. */
export interface AwsStackSettings extends Settings {
  aws?: AwsSettings | undefined;
}

/** The account: its regions and networks, the EKS cluster, and who is told of alarms. */
export type AwsSettings = z.output<typeof awsSettings>;

function isFilled(record: Readonly<Record<string, string>>): boolean {
  return Object.keys(record).length > 0;
}
