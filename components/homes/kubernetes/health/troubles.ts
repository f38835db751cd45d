/** Kinds of trouble that keep a cluster from becoming healthy, and how long each may last before the wait ends. */

interface TroubleKind {
  /** Minutes. Trouble that usually resolves by itself gets as long as that takes. */
  readonly patience: number;
  readonly cause: string;
  readonly action: string;
}

const TROUBLE_KINDS = {
  "image name": {
    patience: 0,
    cause: "the name of the image is malformed",
    action: "Correct `image` of the database in the settings",
  },
  "image refused": {
    // The image may be being pushed right now.
    patience: 1,
    cause: "the registry has no such image, or does not let the cluster pull it",
    action: "Check the name, tag and digest of the image, and the permission to pull it",
  },
  "image unavailable": {
    patience: 5,
    cause: "the node cannot reach the registry, or the registry limits its pulls",
    action: "Check the registry and the network of the nodes",
  },
  configuration: {
    patience: 3,
    cause: "a Secret, a ConfigMap or a volume that the container needs is missing",
    action: "Create it",
  },
  crash: {
    // The kubelet's restart back-off grows to five minutes.
    patience: 5,
    cause: "the program in the container fails",
    action: "Read its log and fix the error",
  },
  "storage class": {
    patience: 1,
    cause: "the Kubernetes cluster has no such StorageClass, or no default one",
    action: "Create it, or set `size.storage.class` of the database",
  },
  volume: {
    patience: 5,
    cause: "the storage provider refuses the volume",
    action: "Fix the error in the event: a quota, a permission, a StorageClass parameter",
  },
  "no pod": {
    patience: 3,
    cause: "a quota or an admission policy forbids the pod",
    action: "Raise the quota, or allow the pod",
  },
  // PostgreSQL retries a failed segment within a minute, so the condition may be that old.
  "archive in use": {
    patience: 2,
    cause: "the folder of this cluster in the bucket already holds the archive of another cluster",
    action:
      "Set another folder in sark-databases:backups.bucket.path, or empty this one if nobody needs it",
  },
  "archive refused": {
    // A new role takes a minute or two to propagate.
    patience: 3,
    cause: "wrong keys, a role without permission, or a bucket that does not exist",
    action: "Check sark-databases:backups.bucket and its keys or role",
  },
  "archive unreachable": {
    patience: 5,
    cause: "the pods cannot reach the storage",
    action:
      "Check sark-databases:backups.bucket.endpoint, kubernetes.egress.objectStore and the network",
  },
  plugin: {
    patience: 3,
    cause: "the Barman Cloud plugin is not installed beside the operator",
    action: "Install it, or set sark-databases:kubernetes.operators.barmanCloud to install",
  },
  "disk full": {
    patience: 3,
    cause: "a server's volume is full",
    action: "Raise `size.storage.size` or `size.storage.wal` of the database",
  },
  person: {
    patience: 1,
    cause: "the operator needs a manual decision, or rejects the cluster spec",
    action: "Follow the instruction in the phase",
  },
} as const satisfies Readonly<Record<string, TroubleKind>>;

export type Trouble = keyof typeof TROUBLE_KINDS;

/** Trouble of the first matching pattern. */
export function matchTrouble(
  patterns: readonly (readonly [RegExp, Trouble])[],
  text: string,
): Trouble | undefined {
  return patterns.find(([pattern]) => pattern.test(text))?.[1];
}

/** One problem of a cluster. */
export interface Finding {
  /** Unset for problems that usually resolve by themselves. */
  readonly trouble?: Trouble | undefined;
  /** Text that stays the same while the problem lasts: no times, no counts. */
  readonly headline: string;
  /** The same with current details from the API. Unset if the list of shortfalls already has it. */
  readonly state?: string;
  /** Commands that show more, and the last event: sentences without full stops. */
  readonly details: readonly string[];
}

/** Describes a finding in progress messages. */
export function progressRemarks({ trouble, headline, state }: Finding): readonly string[] {
  return [
    ...(state === undefined ? [] : [headline]),
    ...(trouble === undefined ? [] : [`likely cause: ${TROUBLE_KINDS[trouble].cause}`]),
  ];
}

/** Describes a finding in the final error: problem, likely cause, action, and where to look. */
export function errorSentences({ trouble, state, details }: Finding): readonly string[] {
  return [
    ...(state === undefined ? [] : [state]),
    ...(trouble === undefined
      ? []
      : [`Likely cause: ${TROUBLE_KINDS[trouble].cause}`, TROUBLE_KINDS[trouble].action]),
    ...details,
  ];
}

/** Measures how long each trouble has lasted without interruption. */
export class TroubleTimer {
  readonly #minute: number;
  readonly #minimum: number;
  #active = new Map<string, { readonly since: number; readonly patience: number }>();

  /**
   * @param minute - milliseconds per minute; shorter in tests
   * @param minimum - least milliseconds for every trouble, since the API may still show the state before a change
   */
  constructor(minute: number, minimum: number) {
    this.#minute = minute;
    this.#minimum = minimum;
  }

  /** @returns the first finding that has lasted too long */
  findExpired(findings: readonly Finding[], now: number): Finding | undefined {
    const before = this.#active;
    this.#active = new Map();
    return findings.find(({ trouble, headline }) => {
      if (trouble === undefined) return false;
      const { since = now, patience: known = Infinity } = before.get(headline) ?? {};
      // A refused image stays refused while the kubelet backs off and reports less.
      const patience = Math.min(known, TROUBLE_KINDS[trouble].patience * this.#minute);
      this.#active.set(headline, { since, patience });
      return now - since >= Math.max(patience, this.#minimum);
    });
  }
}
