import {
  GONE,
  input,
  type Statement,
  policy,
  granting,
  also,
  named,
  OTHER_ACCOUNT,
  of,
} from "./mutant";

const ANY_TRUST = { Principal: { AWS: "*" } };

export const accessMutants = [
  ...of("iam/role", [
    ["IAM trust", "is anybody's", granting(ANY_TRUST, "assumeRolePolicy")],
    [
      "IAM trust",
      "is another account's",
      granting({ Principal: { AWS: `arn:aws:iam::${OTHER_ACCOUNT}:root` } }, "assumeRolePolicy"),
    ],
    [
      "IAM trust",
      "is every machine's",
      granting({ Principal: { Service: "ec2.amazonaws.com" } }, "assumeRolePolicy"),
    ],
    [
      "CKV_AWS_274",
      "may do all",
      input("managedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"]),
    ],
  ]),
  ...of(
    "iam/role",
    [
      ["IAM trust", "is for any account", granting({ Condition: {} }, "assumeRolePolicy")],
      [
        "IAM trust",
        "is for whatever is like it",
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
  ...of(
    "iam/role",
    [
      [
        "IAM trust",
        "is for every service account",
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
  ...of("iam/rolePolicy", [
    ["CKV_AWS_63", "grants all actions", granting({ Action: "*" })],
    ["CKV_AWS_63", "grants all of S3", granting({ Action: "s3:*" })],
    ["CKV_AWS_62", "is about everything", granting({ Resource: "*" })],
    ["CKV_AWS_62", "is about all buckets", granting({ Resource: "arn:aws:s3:::*" })],
    ["CKV_AWS_63", "grants all but some", granting({ NotAction: "iam:*" } as Partial<Statement>)],
    ["KMS.2", "decrypts everything", also({ Action: "kms:Decrypt" })],
    ["deletes", "deletes objects", also({ Action: "s3:DeleteObject" })],
    ["deletes", "passes over locks", also({ Action: "s3:BypassGovernanceRetention" })],
    ["CKV_AWS_109", "hands on roles", also({ Action: "iam:PassRole" })],
  ]),
  ...of("iam/rolePolicyAttachment", [
    [
      "CKV_AWS_274",
      "is an administrator's",
      input("policyArn", "arn:aws:iam::aws:policy/AdministratorAccess"),
    ],
  ]),
  ...of("eks/podIdentityAssociation", [
    ["IAM trust", "is for no service account", input("serviceAccount", "*")],
    [
      "IAM trust",
      "gives another's role",
      input("roleArn", `arn:aws:iam::${OTHER_ACCOUNT}:role/other`),
    ],
  ]),
  ...of("secretsmanager/secret", [
    ["CKV_AWS_149", "is under AWS's key", input("kmsKeyId", undefined)],
    ["deletion", "is gone at once", input("recoveryWindowInDays", 0)],
    [
      "deletion",
      "goes with the stack",
      (draft) => {
        draft.options.protect = false;
        draft.options.retainOnDelete = false;
      },
    ],
  ]),
  ...of("secretsmanager/secretPolicy", [
    ["secret policy", "may become public", input("blockPublicPolicy", false)],
    [
      "secret policy",
      "lets another account in",
      policy((all) =>
        all.map((one) => ({
          ...one,
          Condition: { StringNotEquals: { "aws:PrincipalAccount": OTHER_ACCOUNT } },
        })),
      ),
    ],
    ["secret policy", "is not there", GONE],
  ]),
  ...of("secretsmanager/secretVersion", [
    ["plain secrets", "is told to everybody", input("secretString", "hunter2")],
  ]),
  ...of("provider", [
    ["one account", "takes credentials of any account", input("allowedAccountIds", undefined)],
    [
      "one account",
      "takes credentials of two accounts",
      input("allowedAccountIds", JSON.stringify(["111122223333", OTHER_ACCOUNT])),
    ],
    ["one account", "is in whatever region", input("region", undefined)],
    ["plain secrets", "has credentials in the settings", input("secretKey", "[secret]")],
    ["RDS.30", "makes what is nobody's", input("defaultTags", undefined)],
  ]),
];
