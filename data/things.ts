/** Facts about a server or policy by index, without a table. Pure. */
import { words } from "../components/text/words";
import { at, spread } from "./spread";

const ENVIRONMENTS = ["production", "staging", "development", "preproduction"];
const TEAMS = ["platform", "payments", "search", "data", "identity", "support", "risk", "mobile"];
const SENSITIVITIES = ["low", "medium", "high", "critical"];
const PURPOSES = words(`
  postgres files tickets mail metrics billing crm wiki git vault queue ml`);
const REGIONS = ["eu-central", "eu-west", "us-east", "us-west", "ap-south"];

export interface ServerFacts {
  readonly name: string;
  readonly endpoint: string;
  readonly environment: string;
  readonly team: string;
  readonly region: string;
  readonly purpose: string;
  readonly sensitivity: string;
}

/** Half of the servers are production. */
export function serverFacts(server: number): ServerFacts {
  const environment = at(ENVIRONMENTS, Math.max(0, (spread(server, 11) % 6) - 2));
  const team = at(TEAMS, spread(server, 12));
  const region = at(REGIONS, spread(server, 13));
  const purpose = at(PURPOSES, spread(server, 14));
  const sensitivity = at(SENSITIVITIES, spread(server, 15));
  const name = `${environment}-${purpose}-${team}-${server}`;
  const endpoint = `https://${purpose}-${server}.${region}.${environment}.example.com/mcp`;
  return { name, endpoint, environment, team, region, purpose, sensitivity };
}

/** A policy name, unique because it ends with the index. */
export function policyName(policy: number): string {
  const what = at(["allow", "deny", "limit", "require-mfa", "mask"], spread(policy, 21));
  return `${at(TEAMS, spread(policy, 22))}/${what}-${at(PURPOSES, spread(policy, 23))}-${policy}`;
}

/** Number of versions of a policy. The newest is in force. */
export function policyVersions(policy: number): number {
  return 1 + (spread(policy, 24) % 7);
}
