import { type Rule, type Rules, ofType } from "./control";
import { INSTANCE, isKeptOnDelete, isCreatedBeforeDelete } from "./checks";
import type { ResourceView } from "./resource-view";

/** Inputs that RDS changes itself, or that come from the server's origin. A change would replace the server. */
const IGNORED = [
  "availabilityZone",
  "kmsKeyId",
  "snapshotIdentifier",
  "restoreToPointInTime",
  "engineVersion",
];

/** Seconds in an hour, which creating a large server may take. */
const HOUR = 3600;

export const optionRules: readonly Rules[] = [
  ofType(INSTANCE, [
    ["protect", "not deleted or replaced by Pulumi", ({ options }) => options.protect],
    ["retainOnDelete", "kept when the stack goes", isKeptOnDelete],
    ["deleteBeforeReplace", "replaced before it is deleted", isCreatedBeforeDelete],
    [
      "ignoreChanges",
      "ignored changes of the restore source",
      ({ options }) =>
        ["snapshotIdentifier", "restoreToPointInTime"].every((key) =>
          options.ignoreChanges.includes(key),
        ),
    ],
    [
      "ignoreChanges",
      "no other ignored changes",
      ({ options }) => options.ignoreChanges.every((key) => IGNORED.includes(key)),
    ],
    [
      "customTimeouts",
      "timeouts of at least an hour",
      ({ options }) =>
        (["create", "update", "delete"] as const).every(
          (step) => (options.customTimeouts?.[step] ?? 0) >= HOUR,
        ),
    ],
  ]),
  ofType("rds/parameterGroup", [
    ["retainOnDelete", "kept with the servers that stay", isKeptOnDelete],
    ["deleteBeforeReplace", "replaced before it is deleted", isCreatedBeforeDelete],
  ]),
];

/** Rules for every AWS resource. */
export const commonRules: readonly Rule[] = [
  [
    "one account",
    "created by a provider with an explicit account and region",
    (each: ResourceView) => each.provider !== undefined,
  ],
];
