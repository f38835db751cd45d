import { timestamp } from "../arrivals";
import { hashOf } from "../index-hash";
import type { Row } from "../table";
import { policyName, policyVersions, serverFacts } from "../server-policy-facts";
import { Choice } from "../weighted";
import type { GeneratedWorld } from "../world";

const ACTIONS = new Choice<string>([
  ["call", 70],
  ["read", 18],
  ["list", 8],
  ["update", 3],
  ["delete", 1],
]);

/** Share of decisions from the engine's cache. */
const CACHED = 0.7;

/** Every decision, in order of arrival. */
export function* policyEvaluations(world: GeneratedWorld): Generator<Row> {
  const random = world.random("policy_evaluations");
  for (const { time } of world.eventTimes("policy_evaluations", world.sizes.policyEvaluations)) {
    const policy = world.policies.index(random);
    const cached = random.chance(CACHED);
    yield {
      time: timestamp(time),
      evaluation_id: world.eventId(time, random),
      policy_name: policyName(policy),
      policy_version: policyVersions(policy),
      user_id: world.users.id(world.users.index(random)),
      action: ACTIONS.pick(random),
      resource: `server/${serverFacts(world.servers.index(random)).name}`,
      // Most policies deny few requests, some deny many.
      decision: !random.chance(((hashOf(policy, 31) % 1000) / 1000) ** 4 * 0.5),
      cache_hit: cached,
      duration_ms: Math.floor(cached ? random.exponential(0.3) : random.logNormal(4, 0.8)),
    };
  }
}
