import { type KubernetesObject, describeObject } from "./objects";

/** A problem that a scanner reports. */
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

/** An accepted finding and its reason. */
export interface Accepted {
  readonly check: string;
  /** Matches kind and name of the objects, without namespace. */
  readonly objects: RegExp;
  readonly reason: string;
}

/** Whether an accepted entry matches a finding. */
export function matchesAccepted(accepted: Accepted, { check, object }: Finding): boolean {
  return accepted.check === check && accepted.objects.test(object.replace(/ .*\//, " "));
}

/** The object that a scanner reports by kind and name, as kind, namespace and name. */
export function objectNamed(
  objects: readonly KubernetesObject[],
  kind: string,
  name: string,
): string {
  const found = objects.find((each) => each.kind === kind && each.metadata.name === name);
  return found ? describeObject(found) : `${kind} ${name}`;
}
