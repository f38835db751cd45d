import { type Rules, ofType } from "./control";
import { isTagged, says } from "./questions";
import type { Subject } from "./subject";

/** Anything but a security group that a rule can let in. */
const ADDRESSES = ["cidrIpv4", "cidrIpv6", "prefixListId"];

const GROUP = "ec2/securityGroup";

export const networkRules: readonly Rules[] = [
  ofType("vpc/securityGroupIngressRule", [
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
    ["CKV_AWS_23", "a description", says("description")],
  ]),
  ofType(GROUP, [
    ["CKV_AWS_23", "a description", says("description")],
    ["EC2.18", "no rules but those of their own", (group) => !group.has("ingress")],
    ["CKV_AWS_382", "no way out", (group) => !group.has("egress")],
    ["CKV2_AWS_5", "servers in it", (group) => serversOf(group).length > 0],
    ["replacement", "a name by prefix, so that a new one is made first", says("namePrefix")],
  ]),
  ofType("rds/subnetGroup", [
    [
      "RDS.5",
      "two subnets at least, in different zones",
      (group) =>
        new Set(group.list("subnetIds").filter((id) => /^subnet-/.test(String(id)))).size > 1,
    ],
    ["RDS.33", "tags that say whose it is", isTagged],
  ]),
];

function serversOf(group: Subject | undefined): readonly Subject[] {
  return group?.companions("rds/instance", "vpcSecurityGroupIds") ?? [];
}
