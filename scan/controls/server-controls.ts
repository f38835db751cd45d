import {
  dailyWindow,
  overlap,
  weeklyWindow,
} from "../../components/homes/aws/database/plan/windows";
import { type Rules, ofSome, ofType } from "./control";
import { INSTANCE, isTagged, isWithin, isWriter, is, ownKey, refers, beside } from "./questions";
import { SECRET, type Subject, field } from "./subject";

/** A replica beside its source is in its subnets and encrypted with its key, and may not be told either. */
const chooses = (server: Subject) =>
  server.has("engine") ||
  server.has("dbSubnetGroupName") ||
  server.text("replicateSourceDb").startsWith("arn:");

export const serverRules: readonly Rules[] = [
  ofType(INSTANCE, [
    ["RDS.2", "no address on the internet", is("publiclyAccessible", false)],
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
        server.target("vpcSecurityGroupIds", "ec2/securityGroup")?.isBeside(server) === true,
    ],
    ["RDS.10", "IAM authentication", is("iamDatabaseAuthenticationEnabled", true)],
    ["CKV_AWS_211", "a certificate of 2061", is("caCertIdentifier", "rds-ca-rsa2048-g1")],
    [
      "RDS.38",
      "parameters of its own, beside it",
      beside("parameterGroupName", "rds/parameterGroup"),
    ],
    ["RDS.3", "encrypted storage", is("storageEncrypted", true)],
    ["RDS.5", "a stand-by in another zone", is("multiAz", true)],
    ["RDS.8", "deletion protection", is("deletionProtection", true)],
    ["RDS.13", "minor versions as they come", is("autoMinorVersionUpgrade", true)],
    ["RDS.17", "snapshots with its tags", is("copyTagsToSnapshot", true)],
    ["RDS.30", "tags that say whose it is", isTagged],
    [
      "full storage",
      "a volume that grows, up to a bound",
      (server) => server.number("maxAllocatedStorage") > 0,
    ],
    [
      "RDS.6",
      "Enhanced Monitoring, with a role for it",
      (server) =>
        [1, 5, 10, 15, 30, 60].includes(server.number("monitoringInterval")) &&
        server.refers("monitoringRoleArn", "iam/role"),
    ],
    ["RDS.9", "its log in CloudWatch", (server) => isExported(server, "postgresql")],
    ["RDS.36", "the log of its upgrades in CloudWatch", (server) => isExported(server, "upgrade")],
    ["CKV_AWS_353", "Performance Insights", is("performanceInsightsEnabled", true)],
    [
      "CKV_AWS_354",
      "Performance Insights under the stack's key",
      ownKey("performanceInsightsKmsKeyId"),
    ],
  ]),
  ofSome(INSTANCE, isWriter, [
    [
      "RDS.11",
      "backups of 7 to 35 days",
      (server) => isWithin(server.number("backupRetentionPeriod"), 7, 35),
    ],
    ["RDS.11", "backups that outlive it", is("deleteAutomatedBackups", false)],
    [
      "final snapshot",
      "a last snapshot with a name",
      (server) =>
        server.is("skipFinalSnapshot", false) && server.text("finalSnapshotIdentifier") !== "",
    ],
    ["windows", "snapshots and maintenance at different times", windowsAreApart],
    ["RDS.26", "in a plan of AWS Backup, by its tag", isSelected],
    [
      "SecretsManager.1",
      "a master password that AWS keeps, or a secret",
      (server) =>
        server.is("manageMasterUserPassword", true)
          ? ownKey("masterUserSecretKmsKeyId")(server) && !server.has("password")
          : server.is("password", SECRET),
    ],
  ]),
  ofSome(INSTANCE, (server) => !isWriter(server), [
    [
      "final snapshot",
      "none, for all that it has its source has as well",
      (server) => server.is("skipFinalSnapshot", true) && !server.has("finalSnapshotIdentifier"),
    ],
    ["RDS.5", "in another zone than its source, or in two", isElsewhere],
    ["source", "a source that is a server of this stack", refers("replicateSourceDb", INSTANCE)],
  ]),
  ofSome(INSTANCE, chooses, [
    ["RDS.3", "a key of the stack's, beside it", ownKey("kmsKeyId")],
    ["RDS.18", "in the stack's own subnets", beside("dbSubnetGroupName", "rds/subnetGroup")],
  ]),
  // A server that is made empty, and so has a master user to be made.
  ofSome(INSTANCE, (server) => server.has("engine") && !isRestored(server), [
    [
      "RDS.25",
      "a master user that nobody guesses",
      (server) => !["", "postgres", "admin", "root"].includes(server.text("username")),
    ],
  ]),
];

/** From a backup it has the master user that the backup has. */
function isRestored(server: Subject): boolean {
  return server.has("snapshotIdentifier") || server.has("restoreToPointInTime");
}

/** The log is exported to a group of the stack's, which RDS would make without a key and an end otherwise. */
function isExported(server: Subject, log: string): boolean {
  const name = `/aws/rds/instance/${server.text("identifier")}/${log}`;
  return (
    server.list("enabledCloudwatchLogsExports").includes(log) &&
    server.plan
      .of("cloudwatch/logGroup")
      .some((each) => each.is("name", name) && each.isBeside(server))
  );
}

function windowsAreApart(server: Subject): boolean {
  const [backup, maintenance] = [server.text("backupWindow"), server.text("maintenanceWindow")];
  if (backup === "" || maintenance === "") return false;
  return !overlap(dailyWindow(backup), weeklyWindow(maintenance));
}

/** A zone that fails takes a server or its replica, not both. */
function isElsewhere(replica: Subject): boolean {
  const source = replica.target("replicateSourceDb", INSTANCE);
  if (replica.is("multiAz", true) || source?.isBeside(replica) === false) return true;
  const zone = replica.text("availabilityZone");
  return zone !== "" && zone !== source?.text("availabilityZone");
}

/** A selection takes what has one of its tags. */
function isSelected(server: Subject): boolean {
  return server.plan
    .of("backup/selection")
    .filter((each) => each.isBeside(server) && each.refers("planId", "backup/plan"))
    .flatMap((each) => each.list("selectionTags"))
    .some(
      (tag) =>
        field(tag, "type") === "STRINGEQUALS" &&
        server.value(`tags.${String(field(tag, "key"))}`) === field(tag, "value"),
    );
}
