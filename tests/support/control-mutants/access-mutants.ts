import {
  REMOVED,
  input,
  policy,
  changeGrants,
  addStatement,
  named,
  OTHER_ACCOUNT,
  mutantsOfType,
} from "./mutant";

const ANY_TRUST = { Principal: { AWS: "*" } };

export const accessMutants = [
  ...mutantsOfType("iam/role", [
    ["IAM trust", "trusts everyone", changeGrants(ANY_TRUST, "assumeRolePolicy")],
    [
      "IAM trust",
      "trusts another account",
      changeGrants(
        { Principal: { AWS: `arn:aws:iam::${OTHER_ACCOUNT}:root` } },
        "assumeRolePolicy",
      ),
    ],
    [
      "IAM trust",
      "trusts every EC2 instance",
      changeGrants({ Principal: { Service: "ec2.amazonaws.com" } }, "assumeRolePolicy"),
    ],
    [
      "CKV_AWS_274",
      "has all permissions",
      input("managedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"]),
    ],
  ]),
  ...mutantsOfType(
    "iam/role",
    [
      ["IAM trust", "trusts any account", changeGrants({ Condition: {} }, "assumeRolePolicy")],
      [
        "IAM trust",
        "matches by a pattern",
        policy(
          (all) =>
            all.map(({ Condition = {}, ...one }) => ({
              ...one,
              Condition: { StringLike: Condition["StringEquals"] ?? {} },
            })),
          "assumeRolePolicy",
        ),
      ],
    ],
    ({ inputs }) => String(inputs["assumeRolePolicy"]).includes("Condition"),
  ),
  ...mutantsOfType(
    "iam/role",
    [
      [
        "IAM trust",
        "trusts every service account",
        policy(
          (all) =>
            all.map((one) => ({
              ...one,
              Condition: {
                StringEquals: Object.fromEntries(
                  Object.entries(one.Condition?.["StringEquals"] ?? {}).map(([key, value]) => [
                    key,
                    /sub$|service-account$/.test(key) ? "*" : value,
                  ]),
                ),
              },
            })),
          "assumeRolePolicy",
        ),
      ],
    ],
    named(/^backups-archive-roles/),
  ),
  ...mutantsOfType("iam/rolePolicy", [
    ["CKV_AWS_63", "grants all actions", changeGrants({ Action: "*" })],
    ["CKV_AWS_63", "grants all of S3", changeGrants({ Action: "s3:*" })],
    ["CKV_AWS_62", "applies to all resources", changeGrants({ Resource: "*" })],
    ["CKV_AWS_62", "applies to all buckets", changeGrants({ Resource: "arn:aws:s3:::*" })],
    ["CKV_AWS_63", "grants all actions except some", changeGrants({ NotAction: "iam:*" })],
    ["KMS.2", "decrypts everything", addStatement({ Action: "kms:Decrypt" })],
    ["deletes", "deletes objects", addStatement({ Action: "s3:DeleteObject" })],
    ["deletes", "bypasses object locks", addStatement({ Action: "s3:BypassGovernanceRetention" })],
    ["CKV_AWS_109", "passes roles", addStatement({ Action: "iam:PassRole" })],
  ]),
  ...mutantsOfType("iam/rolePolicyAttachment", [
    [
      "CKV_AWS_274",
      "has an administrator policy",
      input("policyArn", "arn:aws:iam::aws:policy/AdministratorAccess"),
    ],
  ]),
  ...mutantsOfType("eks/podIdentityAssociation", [
    ["IAM trust", "names no service account", input("serviceAccount", "*")],
    [
      "IAM trust",
      "assigns another role",
      input("roleArn", `arn:aws:iam::${OTHER_ACCOUNT}:role/other`),
    ],
  ]),
  ...mutantsOfType("secretsmanager/secret", [
    ["CKV_AWS_149", "is encrypted with AWS's key", input("kmsKeyId", undefined)],
    ["deletion", "is deleted without a recovery window", input("recoveryWindowInDays", 0)],
    [
      "deletion",
      "is deleted with the stack",
      (draft) => {
        draft.options.protect = false;
        draft.options.retainOnDelete = false;
      },
    ],
  ]),
  ...mutantsOfType("secretsmanager/secretPolicy", [
    ["secret policy", "may become public", input("blockPublicPolicy", false)],
    [
      "secret policy",
      "grants access to another account",
      policy((all) =>
        all.map((one) => ({
          ...one,
          Condition: { StringNotEquals: { "aws:PrincipalAccount": OTHER_ACCOUNT } },
        })),
      ),
    ],
    ["secret policy", "is missing", REMOVED],
  ]),
  ...mutantsOfType("secretsmanager/secretVersion", [
    ["plain secrets", "is in plain text", input("secretString", "hunter2")],
  ]),
  ...mutantsOfType("provider", [
    ["one account", "accepts credentials of any account", input("allowedAccountIds", undefined)],
    [
      "one account",
      "accepts credentials of two accounts",
      input("allowedAccountIds", JSON.stringify(["111122223333", OTHER_ACCOUNT])),
    ],
    ["one account", "sets no region", input("region", undefined)],
    ["plain secrets", "has credentials in the settings", input("secretKey", "[secret]")],
    ["RDS.30", "sets no default tags", input("defaultTags", undefined)],
  ]),
];
