import { GONE, input, option, granting, without, also, named, OTHER_ACCOUNT, of } from "./mutant";

export const networkMutants = [
  ...of("vpc/securityGroupIngressRule", [
    ["EC2.18", "lets everybody in", input("cidrIpv4", "0.0.0.0/0")],
    ["EC2.18", "lets everybody in by IPv6", input("cidrIpv6", "::/0")],
    ["EC2.18", "lets in who is in a list", input("prefixListId", "pl-0123456789abcdef0")],
    ["EC2.18", "names no group", input("referencedSecurityGroupId", undefined)],
    ["EC2.19", "opens all ports above", input("toPort", 65_535)],
    ["EC2.19", "opens all ports below", input("fromPort", 0)],
    ["EC2.19", "opens all protocols", input("ipProtocol", "-1")],
    ["CKV_AWS_23", "does not say what for", input("description", "")],
  ]),
  ...of("ec2/securityGroup", [
    ["CKV_AWS_23", "does not say what for", input("description", undefined)],
    ["EC2.18", "has rules of its own", input("ingress", [{ cidrBlocks: ["0.0.0.0/0"] }])],
    ["CKV_AWS_382", "lets servers call anybody", input("egress", [{ cidrBlocks: ["0.0.0.0/0"] }])],
    ["replacement", "has a name that its successor cannot have", input("namePrefix", undefined)],
    ["RDS.18", "is not there", GONE],
  ]),
  ...of("rds/subnetGroup", [
    ["RDS.5", "is in one subnet", input("subnetIds", ["subnet-0000000000000000a"])],
    ["RDS.5", "has one subnet twice", input("subnetIds", ["subnet-0a", "subnet-0a"])],
    ["RDS.33", "is nobody's", input("tags", {})],
    ["RDS.18", "is not there", GONE],
  ]),
];

export const keyMutants = [
  ...of("kms/key", [
    ["CKV_AWS_7", "is for ever the same", input("enableKeyRotation", false)],
    ["KMS.3", "is gone in a week", input("deletionWindowInDays", 7)],
    ["CKV_AWS_227", "is off", input("isEnabled", false)],
    ["CKV2_AWS_64", "has AWS's policy", input("policy", undefined)],
    ["CKV2_AWS_64", "shuts its owner out", without("AccountDecidesByItsOwnPolicies")],
    [
      "CKV2_AWS_64",
      "is decided on by another account",
      granting({ Principal: { AWS: `arn:aws:iam::${OTHER_ACCOUNT}:root` } }),
    ],
    ["KMS.5", "is everybody's", also({ Action: "kms:Decrypt" })],
    ["KMS.5", "is every account's", also({ Principal: { AWS: "*" }, Action: "kms:Decrypt" })],
    [
      "KMS.1",
      "decrypts for a role without a limit",
      also({ Principal: { AWS: "arn:aws:iam::111122223333:role/some" }, Action: "kms:Decrypt" }),
    ],
    [
      "KMS.1",
      "decrypts for a service of any account",
      also({ Principal: { Service: "logs.amazonaws.com" }, Action: "kms:Decrypt" }),
    ],
    ["KMS.3", "is nobody's", input("tags", {})],
  ]),
  ...of(
    "kms/key",
    [
      ["KMS.1", "is limited to no account", granting({ Condition: {} })],
      ["KMS.1", "lets its users delete it", granting({ Action: "kms:ScheduleKeyDeletion" })],
    ],
    ({ inputs }) => String(inputs["policy"]).includes("Condition"),
  ),
  ...of(
    "kms/key",
    [
      ["KMS.3", "is deleted by Pulumi", option("protect", false)],
      ["KMS.3", "goes with the stack, and all that it encrypted", option("retainOnDelete", false)],
    ],
    (resource) => !named(/^monitoring/)(resource),
  ),
  ...of("kms/alias", [["names", "is not there", GONE]]),
  ...of("cloudwatch/logGroup", [
    ["CKV_AWS_338", "is kept for a month", input("retentionInDays", 30)],
    ["CKV_AWS_338", "is kept for whatever time", input("retentionInDays", undefined)],
    ["CKV_AWS_158", "is under AWS's key", input("kmsKeyId", undefined)],
    ["CKV_AWS_338", "goes with the stack", option("retainOnDelete", false)],
  ]),
  ...of("cloudwatch/logGroup", [["RDS.36", "is not there", GONE]], named(/-log-upgrade$/)),
  ...of("cloudwatch/logGroup", [["RDS.9", "is not there", GONE]], named(/-log-postgresql$/)),
];
