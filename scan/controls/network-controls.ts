import { type Rules, ofType } from "./control";
import { isTagged, isSet } from "./checks";
import type { ResourceView } from "./resource-view";

/** Sources of an ingress rule other than a security group. */
const ADDRESSES = ["cidrIpv4", "cidrIpv6", "prefixListId"];

const GROUP = "ec2/securityGroup";

export const networkRules: readonly Rules[] = [
  ofType("vpc/securityGroupIngressRule", [
    [
      "EC2.18",
      "a security group as the only source",
      (rule) =>
        /^sg-[0-9a-f]+$/.test(rule.text("referencedSecurityGroupId")) &&
        ADDRESSES.every((key) => !rule.has(key)),
    ],
    [
      "EC2.19",
      "only the port of the servers",
      (rule) =>
        rule.is("ipProtocol", "tcp") &&
        ["fromPort", "toPort"].every((key) =>
          serversOf(rule.target("securityGroupId", GROUP)).every((each) =>
            rule.is(key, each.value("port")),
          ),
        ),
    ],
    ["CKV_AWS_23", "a description", isSet("description")],
  ]),
  ofType(GROUP, [
    ["CKV_AWS_23", "a description", isSet("description")],
    ["EC2.18", "no inline rules", (group) => !group.has("ingress")],
    ["CKV_AWS_382", "no egress rules", (group) => !group.has("egress")],
    ["CKV2_AWS_5", "servers in it", (group) => serversOf(group).length > 0],
    ["replacement", "a name prefix, so that a replacement is created first", isSet("namePrefix")],
  ]),
  ofType("rds/subnetGroup", [
    [
      "RDS.5",
      "at least two subnets",
      (group) =>
        new Set(group.list("subnetIds").filter((id) => /^subnet-/.test(String(id)))).size > 1,
    ],
    ["RDS.33", "tags project and stack", isTagged],
  ]),
];

function serversOf(group: ResourceView | undefined): readonly ResourceView[] {
  return group?.referrers("rds/instance", "vpcSecurityGroupIds") ?? [];
}
