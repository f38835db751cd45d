import type { Problem } from "../../../../text/problem";
import { settingKey } from "../../../../settings/plan/setting-key";
import type { AwsSettings } from "../../plan/rds-stack";
import { type NetworkFacts, type SubnetFacts, zonesOf } from "./network";

/** Settings that name a network: VPC and subnets, each by ids or by tags. */
export type NetworkSettings = Pick<AwsSettings, "vpc" | "vpcTags" | "subnets" | "subnetTags">;

/** Most subnets in one subnet group; "Quotas and constraints for Amazon RDS". */
const MOST_SUBNETS = 20;

/**
 * Problems of the settings that name a network, before any look-up.
 * @param key path of the settings that name it
 */
export function networkSettingProblems(
  given: NetworkSettings,
  key: readonly string[],
): readonly Problem[] {
  const { vpc, vpcTags, subnets, subnetTags } = given;
  return [
    ...alternativeProblems(key, ["vpc", vpc], ["vpcTags", vpcTags]),
    ...alternativeProblems(key, ["subnets", subnets], ["subnetTags", subnetTags]),
  ];
}

/**
 * All problems of a looked-up network as the network of a database.
 * @param key path of the settings that name it
 */
export function networkProblems(
  given: NetworkSettings,
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
      "the VPC has no such subnet, and a database must be in one VPC",
    ),
    ...problem(
      singleZone(facts),
      "subnets in at least two zones",
      "RDS requires subnets in two zones, so that a stand-by can be in another",
    ),
    ...problem(
      subnets.length > MOST_SUBNETS ? [`${subnets.length} subnets`] : [],
      `at most ${MOST_SUBNETS} subnets`,
      "RDS accepts no more in one subnet group",
    ),
    ...problem(
      each(({ internetGateways }) => internetGateways[0] && `routes to ${internetGateways[0]}`),
      "private subnets: no route to an internet gateway",
      "a subnet with a route to the internet can be reached from it",
    ),
    ...problem(
      each(({ publicAddresses }) => (publicAddresses ? "assigns public addresses" : undefined)),
      "private subnets: no public addresses on launch",
      "scanners find a public address within minutes",
    ),
    ...problem(
      each(({ zone, outpost }) => {
        if (outpost) return "on an Outpost";
        return facts.zones.includes(zone) ? undefined : `in ${zone}`;
      }),
      `subnets in the region's own zones: ${facts.zones.join(", ")}`,
      "local zones and Outposts have no stand-by, and not every class",
    ),
  ];
}

/** The problem of two alternative settings of which not exactly one is set. */
function alternativeProblems(
  key: readonly string[],
  [id, byId]: readonly [string, unknown],
  [tags, byTags]: readonly [string, unknown],
): readonly Problem[] {
  if ((byId === undefined) !== (byTags === undefined)) return [];
  const both = byId !== undefined;
  return [
    {
      key: settingKey([...key, id]),
      value: both ? `both ${id} and ${tags}` : `neither ${id} nor ${tags}`,
      allowed: `either ${id} or ${tags}`,
      why: both
        ? "two settings for one thing could contradict each other"
        : "the stack uses an existing network, which must be named",
    },
  ];
}

function vpcProblem(
  { vpc, vpcTags = {} }: NetworkSettings,
  { vpcs, region }: NetworkFacts,
  key: readonly string[],
): Problem {
  if (vpc !== undefined) {
    return {
      key: settingKey([...key, "vpc"]),
      value: vpc,
      allowed: `a VPC in ${region} that the account may use`,
      why: "no such VPC exists",
    };
  }
  return {
    key: settingKey([...key, "vpcTags"]),
    value: `${tagsText(vpcTags)}, which ${vpcs.length === 0 ? "no VPC has" : `${vpcs.join(" and ")} have`}`,
    allowed: `tags that exactly one VPC in ${region} has`,
    why: "the databases are in one VPC, and the program does not pick one at random",
  };
}

/** Subnets that are all in one zone, as text; empty when they are in two zones or more. */
function singleZone(facts: NetworkFacts): readonly string[] {
  const { subnets } = facts;
  const zones = zonesOf(facts);
  if (zones.length > 1) return [];
  if (subnets.length === 0) return ["no subnet"];
  return [`${subnets.map(({ id }) => id).join(", ")} all in ${zones.join()}`];
}

function tagsText(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([name, value]) => `${name}: ${value}`)
    .join(", ");
}
