import {
  dailyWindow,
  overlap,
  weeklyWindow,
} from "../../components/homes/aws/database/plan/windows";
import { type Rules, ofTypeWhere, ofType } from "./control";
import {
  INSTANCE,
  isTagged,
  isWithin,
  isWriter,
  is,
  ownKey,
  refers,
  refersInRegion,
} from "./checks";
import { SECRET, type ResourceView, field } from "./resource-view";

/** Whether a server sets its own subnets and key. A replica in its source's region inherits them and may not set them. */
const setsNetworkAndKey = (server: ResourceView) =>
  server.has("engine") ||
  server.has("dbSubnetGroupName") ||
  server.text("replicateSourceDb").startsWith("arn:");

export const serverRules: readonly Rules[] = [
  ofType(INSTANCE, [
    ["RDS.2", "no public address", is("publiclyAccessible", false)],
    [
      "RDS.23",
      "another port than 5432",
      (server) => ![Number.NaN, 5432].includes(server.number("port")),
    ],
    [
      "RDS.18",
      "in the stack's own security group",
      (server) =>
        server.list("vpcSecurityGroupIds").length === 1 &&
        server.target("vpcSecurityGroupIds", "ec2/securityGroup")?.isInSameRegion(server) === true,
    ],
    ["RDS.10", "IAM authentication", is("iamDatabaseAuthenticationEnabled", true)],
    [
      "CKV_AWS_211",
      "the certificate authority that is valid until 2061",
      is("caCertIdentifier", "rds-ca-rsa2048-g1"),
    ],
    [
      "RDS.38",
      "a parameter group in its region",
      refersInRegion("parameterGroupName", "rds/parameterGroup"),
    ],
    ["RDS.3", "encrypted storage", is("storageEncrypted", true)],
    ["RDS.5", "a stand-by in another zone", is("multiAz", true)],
    ["RDS.8", "deletion protection", is("deletionProtection", true)],
    ["RDS.13", "automatic minor version upgrades", is("autoMinorVersionUpgrade", true)],
    ["RDS.17", "snapshots with its tags", is("copyTagsToSnapshot", true)],
    ["RDS.30", "tags project and stack", isTagged],
    [
      "full storage",
      "storage autoscaling with an upper limit",
      (server) => server.number("maxAllocatedStorage") > 0,
    ],
    [
      "RDS.6",
      "Enhanced Monitoring, with a role",
      (server) =>
        [1, 5, 10, 15, 30, 60].includes(server.number("monitoringInterval")) &&
        server.refers("monitoringRoleArn", "iam/role"),
    ],
    ["RDS.9", "its log in CloudWatch", (server) => isExported(server, "postgresql")],
    ["RDS.36", "its upgrade log in CloudWatch", (server) => isExported(server, "upgrade")],
    ["CKV_AWS_353", "Performance Insights", is("performanceInsightsEnabled", true)],
    [
      "CKV_AWS_354",
      "Performance Insights encrypted with the stack's key",
      ownKey("performanceInsightsKmsKeyId"),
    ],
  ]),
  ofTypeWhere(INSTANCE, isWriter, [
    [
      "RDS.11",
      "a backup retention of 7 to 35 days",
      (server) => isWithin(server.number("backupRetentionPeriod"), 7, 35),
    ],
    ["RDS.11", "automated backups retained after deletion", is("deleteAutomatedBackups", false)],
    [
      "final snapshot",
      "a named final snapshot",
      (server) =>
        server.is("skipFinalSnapshot", false) && server.text("finalSnapshotIdentifier") !== "",
    ],
    ["windows", "separate backup and maintenance windows", windowsAreApart],
    ["RDS.26", "selected by an AWS Backup plan, by its tag", isSelected],
    [
      "SecretsManager.1",
      "a master password managed by AWS or secret",
      (server) =>
        server.is("manageMasterUserPassword", true)
          ? ownKey("masterUserSecretKmsKeyId")(server) && !server.has("password")
          : server.is("password", SECRET),
    ],
  ]),
  ofTypeWhere(INSTANCE, (server) => !isWriter(server), [
    [
      "final snapshot",
      "no final snapshot, because its source has the same data",
      (server) => server.is("skipFinalSnapshot", true) && !server.has("finalSnapshotIdentifier"),
    ],
    ["RDS.5", "in another zone than its source, or in two", isElsewhere],
    ["source", "a source server of this stack", refers("replicateSourceDb", INSTANCE)],
  ]),
  ofTypeWhere(INSTANCE, setsNetworkAndKey, [
    ["RDS.3", "a key of the stack in its region", ownKey("kmsKeyId")],
    [
      "RDS.18",
      "in the stack's own subnets",
      refersInRegion("dbSubnetGroupName", "rds/subnetGroup"),
    ],
  ]),
  // A new, empty server, for which a master user is created.
  ofTypeWhere(INSTANCE, (server) => server.has("engine") && !isRestored(server), [
    [
      "RDS.25",
      "a master user name other than postgres, admin and root",
      (server) => !["", "postgres", "admin", "root"].includes(server.text("username")),
    ],
  ]),
];

/** Whether the server is restored from a backup, with the backup's master user. */
function isRestored(server: ResourceView): boolean {
  return server.has("snapshotIdentifier") || server.has("restoreToPointInTime");
}

/** Whether the log is exported to a log group of the stack. Otherwise RDS creates one without a key and a retention. */
function isExported(server: ResourceView, log: string): boolean {
  const name = `/aws/rds/instance/${server.text("identifier")}/${log}`;
  return (
    server.list("enabledCloudwatchLogsExports").includes(log) &&
    server.plan
      .of("cloudwatch/logGroup")
      .some((each) => each.is("name", name) && each.isInSameRegion(server))
  );
}

function windowsAreApart(server: ResourceView): boolean {
  const [backup, maintenance] = [server.text("backupWindow"), server.text("maintenanceWindow")];
  if (backup === "" || maintenance === "") return false;
  return !overlap(dailyWindow(backup), weeklyWindow(maintenance));
}

/** Whether a zone failure cannot affect both the replica and its source. */
function isElsewhere(replica: ResourceView): boolean {
  const source = replica.target("replicateSourceDb", INSTANCE);
  if (replica.is("multiAz", true) || source?.isInSameRegion(replica) === false) return true;
  const zone = replica.text("availabilityZone");
  return zone !== "" && zone !== source?.text("availabilityZone");
}

/** Whether a backup selection matches one of the server's tags. */
function isSelected(server: ResourceView): boolean {
  return server.plan
    .of("backup/selection")
    .filter((each) => each.isInSameRegion(server) && each.refers("planId", "backup/plan"))
    .flatMap((each) => each.list("selectionTags"))
    .some(
      (tag) =>
        field(tag, "type") === "STRINGEQUALS" &&
        server.value(`tags.${String(field(tag, "key"))}`) === field(tag, "value"),
    );
}
