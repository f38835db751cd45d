/** Facts about a server or policy by index, without a table. Pure. */
import { splitWords } from "../components/text/words";
import { elementAt, hashOf } from "./index-hash";

const ENVIRONMENTS = ["production", "staging", "development", "preproduction"];
const TEAMS = ["platform", "payments", "search", "data", "identity", "support", "risk", "mobile"];
const SENSITIVITIES = ["low", "medium", "high", "critical"];
const PURPOSES = splitWords(`
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
  const environment = elementAt(ENVIRONMENTS, Math.max(0, (hashOf(server, 11) % 6) - 2));
  const team = elementAt(TEAMS, hashOf(server, 12));
  const region = elementAt(REGIONS, hashOf(server, 13));
  const purpose = elementAt(PURPOSES, hashOf(server, 14));
  const sensitivity = elementAt(SENSITIVITIES, hashOf(server, 15));
  const name = `${environment}-${purpose}-${team}-${server}`;
  const endpoint = `https://${purpose}-${server}.${region}.${environment}.example.com/mcp`;
  return { name, endpoint, environment, team, region, purpose, sensitivity };
}

/** A policy name, unique because it ends with the index. */
export function policyName(policy: number): string {
  const what = elementAt(["allow", "deny", "limit", "require-mfa", "mask"], hashOf(policy, 21));
  return `${elementAt(TEAMS, hashOf(policy, 22))}/${what}-${elementAt(PURPOSES, hashOf(policy, 23))}-${policy}`;
}

/** Number of versions of a policy. The newest is in force. */
export function policyVersions(policy: number): number {
  return 1 + (hashOf(policy, 24) % 7);
}
