import {
  REMOVED,
  input,
  option,
  changeGrants,
  removeStatement,
  addStatement,
  named,
  OTHER_ACCOUNT,
  mutantsOfType,
} from "./mutant";

export const networkMutants = [
  ...mutantsOfType("vpc/securityGroupIngressRule", [
    ["EC2.18", "allows all IPv4 addresses", input("cidrIpv4", "0.0.0.0/0")],
    ["EC2.18", "allows all IPv6 addresses", input("cidrIpv6", "::/0")],
    ["EC2.18", "allows a prefix list", input("prefixListId", "pl-0123456789abcdef0")],
    ["EC2.18", "names no group", input("referencedSecurityGroupId", undefined)],
    ["EC2.19", "opens all ports above", input("toPort", 65_535)],
    ["EC2.19", "opens all ports below", input("fromPort", 0)],
    ["EC2.19", "opens all protocols", input("ipProtocol", "-1")],
    ["CKV_AWS_23", "has no description", input("description", "")],
  ]),
  ...mutantsOfType("ec2/securityGroup", [
    ["CKV_AWS_23", "has no description", input("description", undefined)],
    ["EC2.18", "has inline rules", input("ingress", [{ cidrBlocks: ["0.0.0.0/0"] }])],
    [
      "CKV_AWS_382",
      "lets servers connect to any address",
      input("egress", [{ cidrBlocks: ["0.0.0.0/0"] }]),
    ],
    [
      "replacement",
      "has a fixed name that its replacement cannot have",
      input("namePrefix", undefined),
    ],
    ["RDS.18", "is missing", REMOVED],
  ]),
  ...mutantsOfType("rds/subnetGroup", [
    ["RDS.5", "is in one subnet", input("subnetIds", ["subnet-0000000000000000a"])],
    ["RDS.5", "has one subnet twice", input("subnetIds", ["subnet-0a", "subnet-0a"])],
    ["RDS.33", "has no owner tag", input("tags", {})],
    ["RDS.18", "is missing", REMOVED],
  ]),
];

export const keyMutants = [
  ...mutantsOfType("kms/key", [
    ["CKV_AWS_7", "is not rotated", input("enableKeyRotation", false)],
    ["KMS.3", "is deleted after a week", input("deletionWindowInDays", 7)],
    ["CKV_AWS_227", "is off", input("isEnabled", false)],
    ["CKV2_AWS_64", "has the default policy", input("policy", undefined)],
    ["CKV2_AWS_64", "locks out its owner", removeStatement("AccountDecidesByItsOwnPolicies")],
    [
      "CKV2_AWS_64",
      "is controlled by another account",
      changeGrants({ Principal: { AWS: `arn:aws:iam::${OTHER_ACCOUNT}:root` } }),
    ],
    ["KMS.5", "can be used by everyone", addStatement({ Action: "kms:Decrypt" })],
    [
      "KMS.5",
      "can be used by every account",
      addStatement({ Principal: { AWS: "*" }, Action: "kms:Decrypt" }),
    ],
    [
      "KMS.1",
      "decrypts for a role without a limit",
      addStatement({
        Principal: { AWS: "arn:aws:iam::111122223333:role/some" },
        Action: "kms:Decrypt",
      }),
    ],
    [
      "KMS.1",
      "decrypts for a service of any account",
      addStatement({ Principal: { Service: "logs.amazonaws.com" }, Action: "kms:Decrypt" }),
    ],
    ["KMS.3", "has no owner tag", input("tags", {})],
  ]),
  ...mutantsOfType(
    "kms/key",
    [
      ["KMS.1", "is not limited to an account", changeGrants({ Condition: {} })],
      ["KMS.1", "lets its users delete it", changeGrants({ Action: "kms:ScheduleKeyDeletion" })],
    ],
    ({ inputs }) => String(inputs["policy"]).includes("Condition"),
  ),
  ...mutantsOfType(
    "kms/key",
    [
      ["KMS.3", "is deleted by Pulumi", option("protect", false)],
      [
        "KMS.3",
        "is deleted with the stack, so that its data is lost",
        option("retainOnDelete", false),
      ],
    ],
    (resource) => !named(/^monitoring/)(resource),
  ),
  ...mutantsOfType("kms/alias", [["names", "is missing", REMOVED]]),
  ...mutantsOfType("cloudwatch/logGroup", [
    ["CKV_AWS_338", "is kept for a month", input("retentionInDays", 30)],
    ["CKV_AWS_338", "sets no retention", input("retentionInDays", undefined)],
    ["CKV_AWS_158", "is encrypted with AWS's key", input("kmsKeyId", undefined)],
    ["CKV_AWS_338", "is deleted with the stack", option("retainOnDelete", false)],
  ]),
  ...mutantsOfType(
    "cloudwatch/logGroup",
    [["RDS.36", "is missing", REMOVED]],
    named(/-log-upgrade$/),
  ),
  ...mutantsOfType(
    "cloudwatch/logGroup",
    [["RDS.9", "is missing", REMOVED]],
    named(/-log-postgresql$/),
  ),
];
