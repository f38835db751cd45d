/** The backup bucket of a plan, its policies, and attacks on it with the roles that write to it. */
import * as fs from "node:fs";
import * as path from "node:path";
import type { Statement } from "../../components/homes/aws/plan/policy-document";
import type { TerraformResource } from "../../scan/terraform";
import { runTool } from "../../scan/run-tool";
import type { Tools } from "../../scan/tools";
import type { Attack, Target } from "./archive-attacks";
import { type AwsCall, requestsOf } from "./aws-calls";
import { type AwsRequest, decide, readPolicy } from "./iam";

const ACCOUNT = "111122223333";
const KEY = `arn:aws:kms:eu-central-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const ARCHIVE = "backups-archive-bucket";

/** A role that writes to the bucket. */
export interface Writer extends Target {
  readonly role: string;
  readonly reads: boolean;
  readonly policy: readonly Statement[];
}

export class AttackedArchive {
  readonly writers: readonly Writer[];
  /** Policies of buckets, by name. */
  readonly #bucketPolicies: Readonly<Record<string, readonly Statement[]>>;
  readonly #keyPolicy: readonly Statement[];
  readonly #region: string;

  constructor(resources: readonly TerraformResource[]) {
    const named = (name: string) => {
      const found = resources.find((each) => each.name === name);
      if (!found) throw new Error(`the plan has no ${name}`);
      return found;
    };
    const { region, values } = named(ARCHIVE);
    const bucket = String(values["bucket"]);
    this.#region = region;
    this.#bucketPolicies = Object.fromEntries(
      resources
        .filter(({ type }) => type === "aws_s3_bucket")
        .map(({ name, values: own }) => [
          String(own["bucket"]),
          readPolicy(named(`${name}-policy`).values["policy"]),
        ]),
    );
    this.#keyPolicy = readPolicy(named("backups-archive-key").values["policy"]);
    const roles = resources.filter(({ name }) => /^backups-archive-roles-[^.]+-access$/.test(name));
    const all = roles.map(({ name, values: { policy } }) => {
      const role = String(named(name.replace(/-access$/, "")).values["name"]);
      return { role, policy: readPolicy(policy) };
    });
    // Those of restore drills only read.
    const found = all.filter(({ policy }) => policy.some(({ Sid }) => Sid === "WritesItsFolder"));
    const folder = ({ policy }: (typeof found)[number]) =>
      folderOf(
        policy.find(({ Sid }) => Sid === "WritesItsFolder"),
        bucket,
      );
    this.writers = found.map((each) => ({
      ...each,
      bucket,
      key: KEY,
      own: folder(each),
      other: found.filter(({ role }) => role !== each.role).map(folder)[0] ?? "another",
      reads: each.policy.some(({ Sid }) => Sid === "Reads"),
    }));
  }

  /** Whether all policies together allow a call. */
  allows(writer: Writer, call: AwsCall): boolean {
    return this.#requests(writer, call).every(
      (request) => decide([...writer.policy, ...this.#policyOf(request)], request) === "Allow",
    );
  }

  /** The policies that deny a call, each whatever the others allow. */
  denying(writer: Writer, call: AwsCall): Attack["deniedBy"] | "none" {
    const requests = this.#requests(writer, call);
    const isDenied = (request: AwsRequest, policies: readonly Statement[]) =>
      decide(policies, request) === "Deny";
    // The key's own policy grants S3's use of the key.
    const role = requests
      .filter(({ action }) => action.startsWith(`${call.service}:`))
      .some((request) => isDenied(request, writer.policy));
    const resource = requests.some((request) =>
      isDenied(request, [ALL, ...this.#policyOf(request)]),
    );
    if (role) return resource ? "both" : "the role's";
    return resource ? "the resource's" : "none";
  }

  #policyOf({ action, resource }: AwsRequest): readonly Statement[] {
    if (action.startsWith("kms:")) return this.#keyPolicy;
    const bucket = resource.replace(/^arn:aws:s3:::([^/]+).*$/, "$1");
    return this.#bucketPolicies[bucket] ?? [];
  }

  /** The requests of a call, made by a session of the role. */
  #requests(writer: Writer, call: AwsCall) {
    return requestsOf(call, { key: writer.key, region: this.#region }).map((request) => ({
      ...request,
      by: `arn:aws:sts::${ACCOUNT}:assumed-role/${writer.role}/attacker`,
      context: {
        ...request.context,
        "aws:PrincipalArn": `arn:aws:iam::${ACCOUNT}:role/${writer.role}`,
      },
    }));
  }
}

const ALL: Statement = { Sid: "All", Effect: "Allow", Action: "*", Resource: "*" };

function folderOf(writes: Statement | undefined, bucket: string): string {
  const resource = String(writes?.Resource);
  const prefix = `arn:aws:s3:::${bucket}/`;
  if (!resource.startsWith(prefix)) throw new Error(`${resource} is not inside ${bucket}`);
  return resource.slice(prefix.length).replace(/\/\*$/, "");
}

/** A version of an object, or a delete marker. */
interface Version {
  readonly key: string;
  readonly marker?: boolean;
  readonly body?: string;
  readonly encryption?: string;
  readonly mode?: string;
  readonly lockedDays?: number;
}

/** Result of calls in a simulated cloud. */
export interface CloudAfter {
  /** For each call the code of its error, or nothing. */
  readonly answers: readonly string[];
  /** Versions by bucket, delete markers first and then the newest. */
  readonly versions: Readonly<Record<string, readonly Version[]>>;
}

/** What the simulated cloud is made of. It misreads policies with conditions, so it gets none. */
const TYPES = /^aws_(s3_bucket|kms_key)/;
const NOT_SIMULATED = /^aws_s3_bucket_(notification|logging|ownership_controls|policy)$/;

/** Makes calls in clouds with the buckets and keys of each plan. @param folder receives the input file */
export function callsInClouds(
  plans: readonly { resources: readonly TerraformResource[]; calls: readonly AwsCall[] }[],
  { python, judge }: Pick<Tools, "python" | "judge">,
  folder: string,
): readonly CloudAfter[] {
  const document = path.join(folder, "attacks.json");
  const request = {
    account: ACCOUNT,
    plans: plans.map(({ resources, calls }) => ({
      resources: resources.filter(({ type }) => TYPES.test(type) && !NOT_SIMULATED.test(type)),
      calls: calls.map(({ operation, parameters }) => ({
        method: operation.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase(),
        parameters,
      })),
    })),
  };
  fs.writeFileSync(document, JSON.stringify(request));
  const program = path.join(__dirname, "attacked-cloud.py");
  const { output } = runTool(python, ["-B", program, document, path.dirname(judge)], [0]);
  return JSON.parse(output) as readonly CloudAfter[];
}
