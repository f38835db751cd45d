import {
  createValidatedPolicy,
  validateIdentityPolicy,
  validateResourcePolicy,
} from "@cloud-copilot/iam-policy";
import { runUnsafeSimulation } from "@cloud-copilot/iam-simulate";
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

const ACCOUNT = "111122223333";

/**
 * Evaluates policies as IAM does within one account: an explicit denial wins, then any permission, and the default is a
 * denial. Statements with a principal are the resource's policy; the others are the principal's own.
 */
export function decide(
  statements: readonly Statement[],
  { by, action, resource, context = {} }: AwsRequest,
): Statement["Effect"] {
  const own = statements.filter(({ Principal }) => Principal === undefined);
  const ofResource = statements.filter(({ Principal }) => Principal !== undefined);
  const result = runUnsafeSimulation(
    {
      request: {
        principal: by,
        action,
        resource: { resource, accountId: ACCOUNT },
        contextVariables: { "aws:PrincipalArn": by, ...context },
      },
      identityPolicies: [{ name: "own", policy: checked(own, validateIdentityPolicy) }],
      resourcePolicy: checked(ofResource, validateResourcePolicy),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  return result === "Allowed" ? "Allow" : "Deny";
}

type Validate = Parameters<typeof createValidatedPolicy>[1];

/** A policy of these statements. @throws Error for a syntax that IAM refuses */
function checked(statements: readonly Statement[], validate: Validate) {
  const policy = { Version: "2012-10-17", Statement: statements };
  const result = createValidatedPolicy(policy, validate, { name: "policy" });
  if (result.errors.length > 0) throw new Error(JSON.stringify(result.errors));
  return result;
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
