/** What keeps a cluster from becoming healthy, and how long each kind of it is given to pass by itself. */

interface TroubleKind {
  /** Minutes. A kind that passes by itself has as many as that usually takes. */
  readonly patience: number;
  readonly cause: string;
  readonly action: string;
}

const KINDS = {
  "image name": {
    patience: 0,
    cause: "the name of the image is malformed",
    action: "Correct `image` of the database in the settings",
  },
  "image refused": {
    // Somebody may be pushing it.
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
    // The kubelet's pauses between two starts grow to five minutes.
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
  // PostgreSQL tries a failed segment again within a minute, so the archive's condition may be that old.
  "archive in use": {
    patience: 2,
    cause: "the folder of this cluster in the bucket already holds the archive of another cluster",
    action:
      "Set another folder in sark-databases:backups.bucket.path, or empty this one if nobody needs it",
  },
  "archive refused": {
    // A new role is known everywhere after a minute or two.
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

export type Trouble = keyof typeof KINDS;

/** The trouble of the first pattern that a text has. */
export function firstMatch(
  patterns: readonly (readonly [RegExp, Trouble])[],
  text: string,
): Trouble | undefined {
  return patterns.find(([pattern]) => pattern.test(text))?.[1];
}

/** One thing that is not as it should be. */
export interface Finding {
  /** Unset for what usually passes by itself. */
  readonly trouble?: Trouble | undefined;
  /** Names it in words that stay the same as long as it lasts: no times, no counts. */
  readonly headline: string;
  /** The same with what the API says of it now. Unset where the list of what is missing says it already. */
  readonly state?: string;
  /** Commands that show more, and the last event: sentences without their full stops. */
  readonly details: readonly string[];
}

/** A finding while it is waited for. */
export function remarksOn({ trouble, headline, state }: Finding): readonly string[] {
  return [
    ...(state === undefined ? [] : [headline]),
    ...(trouble === undefined ? [] : [`likely cause: ${KINDS[trouble].cause}`]),
  ];
}

/** The sentences of an error on a finding: what it is, the likely cause, what to do, and where to look. */
export function sentencesOn({ trouble, state, details }: Finding): readonly string[] {
  return [
    ...(state === undefined ? [] : [state]),
    ...(trouble === undefined
      ? []
      : [`Likely cause: ${KINDS[trouble].cause}`, KINDS[trouble].action]),
    ...details,
  ];
}

/** Measures for how long each trouble has lasted without a break. */
export class TroubleTimer {
  readonly #minute: number;
  readonly #least: number;
  #lasting = new Map<string, { readonly since: number; readonly patience: number }>();

  /**
   * @param minute - in milliseconds
   * @param least - milliseconds that every trouble has: what the API shows may be from before a change
   */
  constructor(minute: number, least: number) {
    this.#minute = minute;
    this.#least = least;
  }

  /** @returns the trouble that has lasted too long, if there is one */
  look(findings: readonly Finding[], now: number): Finding | undefined {
    const before = this.#lasting;
    this.#lasting = new Map();
    return findings.find(({ trouble, headline }) => {
      if (trouble === undefined) return false;
      const { since = now, patience: known = Infinity } = before.get(headline) ?? {};
      // An image that was refused once is still refused while the kubelet pauses and does not say so.
      const patience = Math.min(known, KINDS[trouble].patience * this.#minute);
      this.#lasting.set(headline, { since, patience });
      return now - since >= Math.max(patience, this.#least);
    });
  }
}
