import * as aws from "@pulumi/aws";
import { type Network, type NetworkFacts, type SubnetFacts, networkOf } from "./plan/network";
import { type NetworkSettings, networkProblems } from "./plan/network-problems";
import { rejectProblems } from "../../../settings/settings";

interface RegionProvider {
  readonly provider: aws.Provider;
  readonly region: string;
}

/** A network to look up, as the settings name it. */
export interface NetworkRequest {
  readonly given: NetworkSettings;
  readonly regionProvider: RegionProvider;
  /** Path of the settings that name it. */
  readonly key: readonly string[];
}

type RouteTable = aws.ec2.GetRouteTableResult;

/**
 * Looks up networks and checks them.
 * @throws SettingsError with all problems of all networks
 */
export async function findNetworks(wanted: readonly NetworkRequest[]): Promise<readonly Network[]> {
  const found = await Promise.all(
    wanted.map(async ({ given, regionProvider, key }) => {
      const facts = await lookUpNetwork(given, regionProvider);
      return { facts, problems: networkProblems(given, facts, key) };
    }),
  );
  rejectProblems(found.flatMap(({ problems }) => problems));
  return found.map(({ facts }) => networkOf(facts));
}

/**
 * Looks up one network. Look-ups are plain promises and run before any resource except providers is registered: a
 * problem stops the program, and the list of subnets must be known.
 */
async function lookUpNetwork(
  given: NetworkSettings,
  { provider, region }: RegionProvider,
): Promise<NetworkFacts> {
  const by = { provider };
  const { ids: vpcs } = await aws.ec2.getVpcs(
    given.vpc === undefined
      ? { region, tags: given.vpcTags ?? {} }
      : { region, filters: [{ name: "vpc-id", values: [given.vpc] }] },
    by,
  );
  const [vpc, another] = vpcs;
  if (vpc === undefined || another !== undefined) return { region, vpcs, subnets: [], zones: [] };
  const inVpc = { name: "vpc-id", values: [vpc] };
  const [{ ids }, { names: zones }] = await Promise.all([
    aws.ec2.getSubnets(
      given.subnets === undefined
        ? { region, filters: [inVpc], tags: given.subnetTags ?? {} }
        : { region, filters: [inVpc, { name: "subnet-id", values: [...given.subnets] }] },
      by,
    ),
    aws.getAvailabilityZones(
      { region, filters: [{ name: "zone-type", values: ["availability-zone"] }] },
      by,
    ),
  ]);
  const [subnets, tables] = await Promise.all([
    Promise.all(ids.map((id) => aws.ec2.getSubnet({ region, id }, by))),
    routeTables(vpc, ids, { provider, region }),
  ]);
  return { region, vpcs, zones, subnets: subnets.map((each) => subnetFacts(each, tables)) };
}

/** The VPC's main route table, and those associated with the subnets. */
async function routeTables(
  vpcId: string,
  subnets: readonly string[],
  { provider, region }: RegionProvider,
): Promise<readonly RouteTable[]> {
  const by = { provider };
  const tablesWith = async (name: string, values: string[]) =>
    (await aws.ec2.getRouteTables({ region, vpcId, filters: [{ name, values }] }, by)).ids;
  const found = await Promise.all([
    tablesWith("association.main", ["true"]),
    subnets.length === 0 ? [] : tablesWith("association.subnet-id", [...subnets]),
  ]);
  const ids = [...new Set(found.flat())];
  return Promise.all(
    ids.map((routeTableId) => aws.ec2.getRouteTable({ region, routeTableId }, by)),
  );
}

function subnetFacts(
  { id, availabilityZone, mapPublicIpOnLaunch, outpostArn }: aws.ec2.GetSubnetResult,
  tables: readonly RouteTable[],
): SubnetFacts {
  const own = tables.find(({ associations }) => associations.some((each) => each.subnetId === id));
  // A subnet without its own route table uses the VPC's main one.
  const main = tables.find(({ associations }) => associations.some((each) => each.main));
  const gateways = (own ?? main)?.routes.map(({ gatewayId }) => gatewayId) ?? [];
  return {
    id,
    zone: availabilityZone,
    publicAddresses: mapPublicIpOnLaunch,
    outpost: outpostArn !== "",
    internetGateways: gateways.filter((gateway) => gateway.startsWith("igw-")),
  };
}
