import type { Problem } from "../../../../text/problem";
import { settingKey } from "../../../../settings/plan/setting-key";
import type { AwsSettings } from "../../plan/rds-stack";
import { type NetworkFacts, type SubnetFacts, zonesOf } from "./network";

/** How a network is named: the VPC by its id or by tags, and so the subnets in it. */
export type GivenNetwork = Pick<AwsSettings, "vpc" | "vpcTags" | "subnets" | "subnetTags">;

/** Subnets that RDS takes into one subnet group; "Quotas and constraints for Amazon RDS". */
const MOST_SUBNETS = 20;

/**
 * What is wrong with the way in which a network is named, before anything is looked up.
 * @param key path of the settings that hold it
 */
export function givenProblems(given: GivenNetwork, key: readonly string[]): readonly Problem[] {
  const { vpc, vpcTags, subnets, subnetTags } = given;
  return [
    ...eitherProblems(key, ["vpc", vpc], ["vpcTags", vpcTags]),
    ...eitherProblems(key, ["subnets", subnets], ["subnetTags", subnetTags]),
  ];
}

/**
 * Everything that keeps a database out of a network.
 * @param key path of the settings that name it
 */
export function networkProblems(
  given: GivenNetwork,
  facts: NetworkFacts,
  key: readonly string[],
): readonly Problem[] {
  const [vpc, another] = facts.vpcs;
  if (vpc === undefined || another !== undefined) return [vpcProblem(given, facts, key)];
  const { subnets } = facts;
  const path = settingKey([...key, given.subnets ? "subnets" : "subnetTags"]);
  const found = new Set(subnets.map(({ id }) => id));
  const absent = (given.subnets ?? []).filter((id) => !found.has(id));
  const problem = (
    concerned: readonly string[],
    allowed: string,
    why: string,
  ): readonly Problem[] =>
    concerned.length === 0 ? [] : [{ key: path, value: concerned.join(", "), allowed, why }];
  const each = (wrong: (subnet: SubnetFacts) => string | undefined): readonly string[] =>
    subnets.flatMap((subnet) => {
      const what = wrong(subnet);
      return what === undefined ? [] : [`${subnet.id} (${what})`];
    });
  return [
    ...problem(
      absent,
      `subnets of ${vpc} in ${facts.region}`,
      "it has no such subnet, and all that is made for a database is in one VPC",
    ),
    ...problem(
      spreadOf(facts),
      "subnets in at least two zones",
      "a stand-by is in another zone, and RDS makes no server where it has no second one",
    ),
    ...problem(
      subnets.length > MOST_SUBNETS ? [`${subnets.length} subnets`] : [],
      `at most ${MOST_SUBNETS} subnets`,
      "RDS takes no more into one subnet group",
    ),
    ...problem(
      each(({ internetGateways }) => internetGateways[0] && `leads to ${internetGateways[0]}`),
      "private subnets: no route to an internet gateway",
      "by the way that leads to the internet it leads in as well",
    ),
    ...problem(
      each(({ publicAddresses }) => (publicAddresses ? "gives out public addresses" : undefined)),
      "private subnets: no public addresses on launch",
      "what has an address of the internet is found there within minutes",
    ),
    ...problem(
      each(({ zone, outpost }) => {
        if (outpost) return "on an Outpost";
        return facts.zones.includes(zone) ? undefined : `in ${zone}`;
      }),
      `subnets in the region's own zones: ${facts.zones.join(", ")}`,
      "in a local zone and on an Outpost there is no stand-by, and not every class",
    ),
  ];
}

/** Exactly one of two ways to name something. */
function eitherProblems(
  key: readonly string[],
  [id, byId]: readonly [string, unknown],
  [tags, byTags]: readonly [string, unknown],
): readonly Problem[] {
  if ((byId === undefined) !== (byTags === undefined)) return [];
  const both = byId !== undefined;
  return [
    {
      key: settingKey([...key, id]),
      value: both ? `this, and ${tags}` : `nothing, and no ${tags}`,
      allowed: `either ${id} or ${tags}`,
      why: both
        ? "two ways to name one thing may come to differ"
        : "the network is yours: nothing is made in one that nobody named",
    },
  ];
}

function vpcProblem(
  { vpc, vpcTags = {} }: GivenNetwork,
  { vpcs, region }: NetworkFacts,
  key: readonly string[],
): Problem {
  if (vpc !== undefined) {
    return {
      key: settingKey([...key, "vpc"]),
      value: vpc,
      allowed: `a VPC in ${region} that the account may use`,
      why: "there is no such VPC",
    };
  }
  return {
    key: settingKey([...key, "vpcTags"]),
    value: `${tagsText(vpcTags)}, which ${vpcs.length === 0 ? "no VPC has" : `${vpcs.join(" and ")} have`}`,
    allowed: `tags that exactly one VPC in ${region} has`,
    why: "the databases are in one VPC, and nobody chooses one by chance",
  };
}

/** Why the subnets are no two zones; empty where they are. */
function spreadOf(facts: NetworkFacts): readonly string[] {
  const { subnets } = facts;
  const zones = zonesOf(facts);
  if (zones.length > 1) return [];
  if (subnets.length === 0) return ["no subnet"];
  return [`${subnets.map(({ id }) => id).join(", ")} in ${zones.join()} alone`];
}

function tagsText(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([name, value]) => `${name}: ${value}`)
    .join(", ");
}
