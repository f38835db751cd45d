import type { Statement } from "../../components/homes/aws/plan/policy-document";

/** A request to AWS as its policies see it. */
export interface AwsRequest {
  /** ARN of a role, name of a service, or whoever the identity provider of that ARN vouches for. */
  readonly by: string;
  readonly action: string;
  readonly resource: string;
  /** What the request says of itself; a key that is left out is not there. */
  readonly context?: Readonly<Record<string, string>>;
}

type Values = string | readonly string[];
type Operator = (values: readonly string[], found: string | undefined) => boolean;

/** How IAM compares; a key that is not there is equal to nothing and different from all. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: (values, found) => found !== undefined && values.includes(found),
  StringLike: (values, found) => values.some((value) => matches(value, found)),
  ArnEquals: (values, found) => values.some((value) => matches(value, found)),
  ArnLike: (values, found) => values.some((value) => matches(value, found)),
  Bool: (values, found) => found !== undefined && values.includes(found),
  Null: ([value], found) => (found === undefined) === (value === "true"),
  NumericLessThan: ([value], found) => found !== undefined && Number(found) < Number(value),
};

/**
 * What policies decide together, as IAM does inside one account: a single denial counts most, then a single permission,
 * and without one the request is refused. Knows what this project's policies use, and no more.
 * @throws Error for a condition that it does not know
 */
export function decide(statements: readonly Statement[], request: AwsRequest): Statement["Effect"] {
  const meant = statements.filter((statement) => isMeant(statement, request));
  if (meant.some(({ Effect }) => Effect === "Deny")) return "Deny";
  return meant.some(({ Effect }) => Effect === "Allow") ? "Allow" : "Deny";
}

/** A policy as AWS is given it. */
export function readPolicy(text: unknown): readonly Statement[] {
  const { Version, Statement } = JSON.parse(String(text)) as {
    readonly Version: string;
    readonly Statement: readonly Statement[];
  };
  if (Version !== "2012-10-17") throw new Error(`policy of version ${Version}`);
  return Statement;
}

function isMeant(statement: Statement, { by, action, resource, context = {} }: AwsRequest) {
  const { Principal, Action, Resource, Condition = {} } = statement;
  return (
    isPrincipal(Principal, by) &&
    some(Action, (each) => matches(each, action)) &&
    (Resource === undefined || some(Resource, (each) => matches(each, resource))) &&
    Object.entries(Condition).every(([name, keys]) => {
      const operator = OPERATORS[name];
      if (!operator) throw new Error(`no operator ${name}`);
      const facts: Readonly<Record<string, string>> = { "aws:PrincipalArn": by, ...context };
      return Object.entries(keys).every(([key, values]) =>
        operator(typeof values === "string" ? [values] : values, facts[key]),
      );
    })
  );
}

/** A policy of a role says nothing of whom it is for, and who may take it on nothing of what. The account's root hands on to those policies and lets nobody in. */
function isPrincipal(principal: Statement["Principal"], by: string): boolean {
  if (principal === undefined || principal === "*") return true;
  return Object.values(principal).some((values) => some(values, (each) => each === by));
}

function some(values: Values, test: (value: string) => boolean): boolean {
  return typeof values === "string" ? test(values) : values.some(test);
}

function matches(pattern: string, found: string | undefined): boolean {
  if (found === undefined) return false;
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\*/g, ".*").replace(/\?/g, ".")}$`).test(found);
}
