import type { Rule, Rules } from "./control";
import { isTagged } from "./questions";
import type { Subject } from "./subject";

/** Anything but a security group that a rule can let in. */
const ADDRESSES = ["cidrIpv4", "cidrIpv6", "prefixListId"];

const INGRESS: readonly Rule[] = [
  [
    "EC2.18",
    "a security group as its source, and no address",
    (rule) =>
      /^sg-[0-9a-f]+$/.test(rule.text("referencedSecurityGroupId")) &&
      ADDRESSES.every((key) => !rule.has(key)),
  ],
  [
    "EC2.19",
    "the port of the servers, and no other",
    (rule) =>
      rule.is("ipProtocol", "tcp") &&
      ["fromPort", "toPort"].every((key) =>
        serversOf(rule.target("securityGroupId", GROUP)).every((each) =>
          rule.is(key, each.value("port")),
        ),
      ),
  ],
  ["CKV_AWS_23", "a description", (rule) => rule.text("description") !== ""],
];

const GROUP = "ec2/securityGroup";

const GROUPS: readonly Rule[] = [
  ["CKV_AWS_23", "a description", (group) => group.text("description") !== ""],
  ["EC2.18", "no rules but those of their own", (group) => !group.has("ingress")],
  ["CKV_AWS_382", "no way out", (group) => !group.has("egress")],
  ["CKV2_AWS_5", "servers in it", (group) => serversOf(group).length > 0],
  [
    "replacement",
    "a name by prefix, so that a new one is made first",
    (group) => group.text("namePrefix") !== "",
  ],
];

const SUBNETS: readonly Rule[] = [
  [
    "RDS.5",
    "two subnets at least, in different zones",
    (group) =>
      new Set(group.list("subnetIds").filter((id) => /^subnet-/.test(String(id)))).size > 1,
  ],
  ["RDS.33", "tags that say whose it is", (group) => isTagged(group)],
];

export const networkRules: readonly Rules[] = [
  { type: "vpc/securityGroupIngressRule", rules: INGRESS },
  { type: GROUP, rules: GROUPS },
  { type: "rds/subnetGroup", rules: SUBNETS },
];

function serversOf(group: Subject | undefined): readonly Subject[] {
  return group?.companions("rds/instance", "vpcSecurityGroupIds") ?? [];
}
