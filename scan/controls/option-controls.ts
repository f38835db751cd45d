import { type Rule, type Rules, ofType } from "./control";
import { INSTANCE, isKeptOnDelete, isMadeFirst } from "./questions";
import type { Subject } from "./subject";

/** What RDS changes by itself, or a server has from where it was made: a change of it would be a new server. */
const IGNORED = [
  "availabilityZone",
  "kmsKeyId",
  "snapshotIdentifier",
  "restoreToPointInTime",
  "engineVersion",
];

/** Seconds in an hour, below which a server of some size is not made. */
const HOUR = 3600;

export const optionRules: readonly Rules[] = [
  ofType(INSTANCE, [
    ["protect", "not deleted or replaced by Pulumi", ({ options }) => options.protect],
    ["retainOnDelete", "kept when the stack goes", isKeptOnDelete],
    ["deleteBeforeReplace", "never deleted before there is another", isMadeFirst],
    [
      "ignoreChanges",
      "where its data came from is history",
      ({ options }) =>
        ["snapshotIdentifier", "restoreToPointInTime"].every((key) =>
          options.ignoreChanges.includes(key),
        ),
    ],
    [
      "ignoreChanges",
      "nothing else is ignored",
      ({ options }) => options.ignoreChanges.every((key) => IGNORED.includes(key)),
    ],
    [
      "customTimeouts",
      "an hour at least for what takes one",
      ({ options }) =>
        (["create", "update", "delete"] as const).every(
          (step) => (options.customTimeouts?.[step] ?? 0) >= HOUR,
        ),
    ],
  ]),
  ofType("rds/parameterGroup", [
    ["retainOnDelete", "kept with the servers that stay", isKeptOnDelete],
    ["deleteBeforeReplace", "never deleted before there is another", isMadeFirst],
  ]),
];

/** Of everything on AWS. */
export const everywhere: readonly Rule[] = [
  [
    "one account",
    "made by a provider that knows its account and region",
    (each: Subject) => each.provider !== undefined,
  ],
];
