import { UserError } from "../../engine/engine";
import { messageOf } from "../../components/connections/provider-connection";
import type { RecoveryPoints } from "./recovery-points";

/** The server and region that an address of RDS names. */
export function parseRdsHost(host: string) {
  const [identifier = "", , region = ""] = host.split(".");
  return { identifier, region };
}

/**
 * What RDS can restore of a server, asked with the program's AWS credentials.
 * @param host address of the server, which names it and its region
 * @throws {UserError} if RDS does not answer
 */
export async function rdsPoints(host: string): Promise<RecoveryPoints> {
  const { identifier, region } = parseRdsHost(host);
  // Loaded lazily: it is slow to load.
  const { DescribeDBInstanceAutomatedBackupsCommand, RDSClient } =
    await import("@aws-sdk/client-rds");
  const client = new RDSClient({ region });
  try {
    const { DBInstanceAutomatedBackups: found = [] } = await client.send(
      new DescribeDBInstanceAutomatedBackupsCommand({ DBInstanceIdentifier: identifier }),
    );
    // Those of a deleted server of this name are retained for a while.
    const backup = found.find(({ Status }) => Status === "active") ?? found[0];
    const { EarliestTime: oldest, LatestTime: newest } = backup?.RestoreWindow ?? {};
    return {
      ...(oldest ? { oldest } : {}),
      ...(newest ? { newest } : {}),
      gaps: [],
      source: `the automated backups of ${identifier} (${region})`,
    };
  } catch (cause) {
    throw new UserError(
      `cannot ask RDS what it can restore of ${identifier}: ${messageOf(cause)}; the credentials need ` +
        "rds:DescribeDBInstanceAutomatedBackups",
      { cause },
    );
  } finally {
    client.destroy();
  }
}
