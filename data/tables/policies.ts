import { DAY, timestamp } from "../arrivals";
import { policyName, policyVersions } from "../things";
import type { DataTable, Row } from "../table";
import type { World } from "../world";

/** Of the users, the first few write the policies. */
const AUTHORS = 20;
/** From one version of a policy to the next. */
const VERSION_EVERY = 40 * DAY;

/** Policies by name. The versions that they point at are rows of the next table, in the same transaction. */
export function policies(world: World): DataTable {
  return {
    table: "policies",
    columns: ["id", "name", "version", "is_active", "created_by", "created_at", "updated_at"],
    rows: () => policyRows(world),
  };
}

/** Every version of every policy. */
export function versionsOfPolicies(world: World): DataTable {
  return {
    table: "policy_versions",
    columns: ["policy_id", "version", "rego_code", "created_by", "created_at"],
    rows: () => versionRows(world),
  };
}

function* policyRows(world: World): Generator<Row> {
  const random = world.random("policies");
  for (let policy = 0; policy < world.sizes.policies; policy++) {
    const version = policyVersions(policy);
    yield [
      world.policies.id(policy),
      policyName(policy),
      version,
      random.chance(0.95),
      world.users.id(authorOf(world, policy)),
      timestamp(publishedAt(world, policy, 1)),
      timestamp(publishedAt(world, policy, version)),
    ];
  }
}

function* versionRows(world: World): Generator<Row> {
  const random = world.random("policy_versions");
  for (let policy = 0; policy < world.sizes.policies; policy++) {
    for (let version = 1; version <= policyVersions(policy); version++) {
      yield [
        world.policies.id(policy),
        version,
        regoOf(policyName(policy), version, 2 + random.below(12)),
        world.users.id(authorOf(world, policy + version - 1)),
        timestamp(publishedAt(world, policy, version)),
      ];
    }
  }
}

function authorOf({ sizes }: World, turn: number): number {
  return turn % Math.min(AUTHORS, sizes.users);
}

function publishedAt(world: World, policy: number, version: number): number {
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
