import { DAY, timestamp } from "../arrivals";
import { policyName, policyVersions } from "../server-policy-facts";
import type { Row } from "../table";
import type { GeneratedWorld } from "../world";

/** The number of users, the first ones, who write policies. */
const AUTHORS = 20;
/** Time between two versions of a policy. */
const VERSION_EVERY = 40 * DAY;

/** Policies. Their current versions are rows of the next table, in the same transaction. */
export function* policies(world: GeneratedWorld): Generator<Row> {
  const random = world.random("policies");
  for (let policy = 0; policy < world.sizes.policies; policy++) {
    const version = policyVersions(policy);
    yield {
      id: world.policies.id(policy),
      name: policyName(policy),
      version,
      is_active: random.chance(0.95),
      created_by: world.users.id(authorOf(world, policy)),
      created_at: timestamp(publishedAt(world, policy, 1)),
      updated_at: timestamp(publishedAt(world, policy, version)),
    };
  }
}

/** Every version of every policy. */
export function* versionsOfPolicies(world: GeneratedWorld): Generator<Row> {
  const random = world.random("policy_versions");
  for (let policy = 0; policy < world.sizes.policies; policy++) {
    for (let version = 1; version <= policyVersions(policy); version++) {
      yield {
        policy_id: world.policies.id(policy),
        version,
        rego_code: regoOf(policyName(policy), version, 2 + random.below(12)),
        created_by: world.users.id(authorOf(world, policy + version - 1)),
        created_at: timestamp(publishedAt(world, policy, version)),
      };
    }
  }
}

function authorOf({ sizes }: GeneratedWorld, turn: number): number {
  return turn % Math.min(AUTHORS, sizes.users);
}

function publishedAt(world: GeneratedWorld, policy: number, version: number): number {
  return world.now - (policyVersions(policy) - version + 1) * VERSION_EVERY;
}

function regoOf(name: string, version: number, rules: number): string {
  const words = name.split(/[/-]/);
  const lines = Array.from(
    { length: rules },
    (_, rule) =>
      `allow if {\n\tinput.user.teams[_] == "${words[0] ?? ""}"\n\tinput.tool.sensitivity <= ${(rule % 4) + 1}\n\tinput.rule == ${rule}\n}`,
  );
  return [
    `# ${name}, version ${version}`,
    `package sark.${words.join("_")}`,
    "import rego.v1",
    "default allow := false",
    ...lines,
  ].join("\n\n");
}
