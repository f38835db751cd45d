import { field } from "./resource-view";

/** A statement of an AWS policy. Single values are lists of one. */
export interface PolicyStatement {
  readonly allows: boolean;
  /** `AWS arn:aws:iam::111122223333:root`, `Service s3.amazonaws.com`; `*` for everybody. */
  readonly principals: readonly string[];
  readonly actions: readonly string[];
  /** Of NotAction: the actions that the statement is not about. */
  readonly exceptActions: readonly string[];
  readonly resources: readonly string[];
  /** Values by `operator key`, such as `StringEquals aws:SourceAccount`. */
  readonly conditions: ReadonlyMap<string, readonly string[]>;
  /** Whether it uses NotAction, NotResource or NotPrincipal, whose effect is hard to foresee. */
  readonly inverted: boolean;
}

/** The statements of a policy's JSON text; empty if it is unknown or not a policy. */
export function statementsOf(policy: unknown): readonly PolicyStatement[] {
  if (typeof policy !== "string" || !policy.startsWith("{")) return [];
  const statements = several(field(JSON.parse(policy), "Statement"));
  return statements.map((each) => ({
    allows: field(each, "Effect") === "Allow",
    principals: principalsOf(field(each, "Principal")),
    actions: several(field(each, "Action")).map(String),
    exceptActions: several(field(each, "NotAction")).map(String),
    resources: several(field(each, "Resource")).map(String),
    conditions: conditionsOf(field(each, "Condition")),
    inverted: ["NotAction", "NotResource", "NotPrincipal"].some(
      (key) => field(each, key) !== undefined,
    ),
  }));
}

export function allowStatements(policy: unknown): readonly PolicyStatement[] {
  return statementsOf(policy).filter(({ allows }) => allows);
}

/** Whether a condition limits the statement to these values. Wildcards do not count. */
export function isLimitedTo(
  { conditions }: PolicyStatement,
  key: string,
  values: readonly string[],
): boolean {
  const given = conditions.get(`StringEquals ${key}`) ?? [];
  return given.length > 0 && given.every((each) => values.includes(each));
}

/** Whether the statement denies these actions to everybody, under exactly this condition, or always if it is omitted. */
export function deniesAll(
  statement: PolicyStatement,
  denied: readonly string[],
  condition?: readonly [operatorAndKey: string, value: string],
): boolean {
  const { allows, principals, conditions } = statement;
  if (allows || principals.join() !== "*") return false;
  if (!denied.every((action) => isAboutAction(statement, action))) return false;
  if (condition === undefined) return conditions.size === 0;
  return conditions.size === 1 && conditions.get(condition[0])?.join() === condition[1];
}

export function isAboutAction(
  { actions, exceptActions }: PolicyStatement,
  action: string,
): boolean {
  const isListed = (patterns: readonly string[]) => patterns.some((each) => matches(each, action));
  return exceptActions.length > 0 ? !isListed(exceptActions) : isListed(actions);
}

/** Whether an IAM pattern with `*` and `?` matches. */
export function matches(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\*/g, ".*").replace(/\?/g, ".")}$`).test(text);
}

function principalsOf(principal: unknown): readonly string[] {
  if (typeof principal !== "object" || principal === null) return several(principal).map(String);
  return Object.entries(principal).flatMap(([kind, values]: [string, unknown]) =>
    several(values).map((value) => (value === "*" ? "*" : `${kind} ${String(value)}`)),
  );
}

function conditionsOf(condition: unknown): PolicyStatement["conditions"] {
  const operators = Object.entries(condition ?? {}).flatMap(([operator, keys]: [string, unknown]) =>
    Object.entries(keys ?? {}).map(
      ([key, values]: [string, unknown]) =>
        [`${operator} ${key}`, several(values).map(String)] as const,
    ),
  );
  return new Map(operators);
}

function several(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
