import type { Statement } from "../../components/homes/aws/plan/policy-document";

/** A request to AWS, as policies see it. */
export interface AwsRequest {
  /** ARN of a role, name of a service, or ARN of an identity provider, for an identity that it vouches for. */
  readonly by: string;
  readonly action: string;
  readonly resource: string;
  /** Context keys of the request; a key that is left out is missing. */
  readonly context?: Readonly<Record<string, string>>;
}

type Values = string | readonly string[];
type Operator = (values: readonly string[], found: string | undefined) => boolean;

/** Operators of IAM: a missing key equals nothing and differs from everything. */
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
 * Evaluates policies as IAM does within one account: an explicit denial wins, then any permission, and the default is a
 * denial. Supports only what the policies of this project use.
 * @throws Error for an unknown condition
 */
export function decide(statements: readonly Statement[], request: AwsRequest): Statement["Effect"] {
  const meant = statements.filter((statement) => isMeant(statement, request));
  if (meant.some(({ Effect }) => Effect === "Deny")) return "Deny";
  return meant.some(({ Effect }) => Effect === "Allow") ? "Allow" : "Deny";
}

/** Parses a policy document. */
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

/**
 * Whether the principal of a statement matches. An identity policy has no principal, and a trust policy no resource.
 * The account's root delegates to those policies and admits nobody by itself.
 */
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
