import { type KubernetesObject, describeObject } from "./objects";

/** What a scanner objects to. */
export interface Finding {
  readonly scanner:
    | "checkov"
    | "kube-score"
    | "schema"
    | "pods"
    | "calls"
    | "cfn-lint"
    | "policies"
    | "controls";
  /** The scanner's own id of the check, or the version of the schema. */
  readonly check: string;
  /** `Deployment sark-databases/pgbouncer`, or `aws_db_instance sark-primary-instance`. */
  readonly object: string;
  readonly text: string;
}

/** A finding that stays, for a reason. */
export interface Accepted {
  readonly check: string;
  /** The kind and name of the objects; the namespace is left out. */
  readonly objects: RegExp;
  readonly reason: string;
}

/** Whether an accepted finding is about a finding. */
export function covers(accepted: Accepted, { check, object }: Finding): boolean {
  return accepted.check === check && accepted.objects.test(object.replace(/ .*\//, " "));
}

/** The name of the object in a scanner's words: kind, namespace and name in its order. */
export function objectNamed(
  objects: readonly KubernetesObject[],
  kind: string,
  name: string,
): string {
  const found = objects.find((each) => each.kind === kind && each.metadata.name === name);
  return found ? describeObject(found) : `${kind} ${name}`;
}
