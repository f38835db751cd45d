import {
  type ControlMutant,
  mutantsOfType,
  REMOVED,
  input,
  option,
  parameters,
  parameter,
  hasKey,
  lacksKey,
  DEFAULT_KEY,
} from "./mutant";

const SERVERS = mutantsOfType("rds/instance", [
  ["RDS.2", "is publicly accessible", input("publiclyAccessible", true)],
  ["RDS.2", "does not set publiclyAccessible", input("publiclyAccessible", undefined)],
  ["RDS.3", "is not encrypted", input("storageEncrypted", false)],
  ["RDS.3", "does not set encryption", input("storageEncrypted", undefined)],
  ["RDS.5", "is in one zone", input("multiAz", false)],
  ["RDS.6", "has no enhanced monitoring", input("monitoringInterval", 0)],
  ["RDS.6", "has no monitoring role", input("monitoringRoleArn", undefined)],
  ["RDS.8", "has no deletion protection", input("deletionProtection", false)],
  ["RDS.9", "does not export its log", input("enabledCloudwatchLogsExports", ["upgrade"])],
  [
    "RDS.36",
    "keeps the log of upgrades to itself",
    input("enabledCloudwatchLogsExports", ["postgresql"]),
  ],
  ["RDS.10", "accepts only passwords", input("iamDatabaseAuthenticationEnabled", false)],
  ["RDS.13", "has no minor version upgrades", input("autoMinorVersionUpgrade", false)],
  ["RDS.17", "has snapshots without tags", input("copyTagsToSnapshot", false)],
  [
    "RDS.18",
    "is in the default security group",
    input("vpcSecurityGroupIds", ["sg-0123456789abcdef9"]),
  ],
  ["RDS.18", "sets no security group", input("vpcSecurityGroupIds", undefined)],
  ["RDS.23", "listens on the default port", input("port", 5432)],
  ["RDS.23", "leaves the port to RDS", input("port", undefined)],
  ["RDS.30", "has no owner tag", input("tags", { project: "sark-databases" })],
  ["RDS.38", "has the default parameters", input("parameterGroupName", "default.postgres18")],
  ["CKV_AWS_211", "has an old certificate", input("caCertIdentifier", "rds-ca-2019")],
  ["CKV_AWS_353", "has no Performance Insights", input("performanceInsightsEnabled", false)],
  [
    "CKV_AWS_354",
    "encrypts Performance Insights with the default key",
    input("performanceInsightsKmsKeyId", DEFAULT_KEY),
  ],
  ["full storage", "stops when its volume is full", input("maxAllocatedStorage", 0)],
  ["protect", "is deleted by Pulumi", option("protect", false)],
  ["retainOnDelete", "is deleted with the stack", option("retainOnDelete", false)],
  [
    "deleteBeforeReplace",
    "is deleted before its replacement exists",
    option("deleteBeforeReplace", true),
  ],
  [
    "ignoreChanges",
    "is replaced when its snapshot is unset",
    option("ignoreChanges", ["kmsKeyId"]),
  ],
  [
    "ignoreChanges",
    "ignores changes of its protection",
    (draft) =>
      (draft.options.ignoreChanges = [...draft.options.ignoreChanges, "deletionProtection"]),
  ],
  [
    "customTimeouts",
    "has the provider's default timeouts",
    (draft) => delete draft.options.customTimeouts,
  ],
  [
    "customTimeouts",
    "has a timeout of 20 minutes for changes",
    (draft) => (draft.options.customTimeouts = { create: 7200, update: 1200, delete: 7200 }),
  ],
  ["one account", "uses the default provider", option("provider", "")],
]);

const WRITERS = mutantsOfType(
  "rds/instance",
  [
    ["RDS.11", "has no backups", input("backupRetentionPeriod", 0)],
    ["RDS.11", "has backups of six days", input("backupRetentionPeriod", 6)],
    ["RDS.11", "has backups of 36 days", input("backupRetentionPeriod", 36)],
    ["RDS.11", "deletes its automated backups", input("deleteAutomatedBackups", true)],
    ["final snapshot", "is deleted without a final snapshot", input("skipFinalSnapshot", true)],
    [
      "final snapshot",
      "has no name for its final snapshot",
      input("finalSnapshotIdentifier", undefined),
    ],
    ["RDS.3", "is encrypted with RDS's own key", input("kmsKeyId", DEFAULT_KEY)],
    ["RDS.3", "sets no encryption key", input("kmsKeyId", undefined)],
    ["RDS.18", "is in the default subnets", input("dbSubnetGroupName", "default")],
    ["SecretsManager.1", "has a password in plain text", input("password", "change-me-now")],
    ["SecretsManager.1", "has no password", input("password", undefined)],
    [
      "windows",
      "has overlapping maintenance and backup windows",
      input("maintenanceWindow", "sun:01:30-sun:02:30"),
    ],
    ["windows", "leaves the hour of snapshots to RDS", input("backupWindow", undefined)],
    ["RDS.26", "has no tag of the backup plan", input("tags.backup", undefined)],
    ["RDS.26", "has the tag of another backup plan", input("tags.backup", "another")],
  ],
  lacksKey("replicateSourceDb"),
);

const MASTERS = mutantsOfType(
  "rds/instance",
  [
    ["RDS.25", "has the master user postgres", input("username", "postgres")],
    ["RDS.25", "has the master user admin", input("username", "admin")],
  ],
  hasKey("username"),
);

const FOLLOWERS = mutantsOfType(
  "rds/instance",
  [
    [
      "final snapshot",
      "has a final snapshot that RDS refuses",
      input("finalSnapshotIdentifier", "last"),
    ],
    ["final snapshot", "asks for a final snapshot", input("skipFinalSnapshot", false)],
    [
      "source",
      "replicates a server outside of the stack",
      input("replicateSourceDb", "sark-other"),
    ],
  ],
  hasKey("replicateSourceDb"),
);

const DISTANT = mutantsOfType(
  "rds/instance",
  [
    ["RDS.3", "sets no encryption key of its region", input("kmsKeyId", undefined)],
    [
      "RDS.18",
      "is in the default subnets of another region",
      input("dbSubnetGroupName", "default"),
    ],
  ],
  ({ inputs }) => String(inputs["replicateSourceDb"]).startsWith("arn:"),
);

const PARAMETERS = mutantsOfType("rds/parameterGroup", [
  ["RDS.38", "accepts sessions without TLS", parameter("rds.force_ssl", "0")],
  ["RDS.38", "does not set whether TLS is required", parameter("rds.force_ssl", undefined)],
  ["CIS 5.12", "stores passwords as MD5", parameter("password_encryption", "md5")],
  [
    "CIS 5.12",
    "takes passwords as MD5",
    parameter("rds.accepted_password_auth_method", "md5+scram"),
  ],
  ["CIS 3.1.14", "logs errors only", parameter("log_min_messages", "error")],
  ["CIS 3.1.15", "logs statements of panics", parameter("log_min_error_statement", "panic")],
  ["CIS 3.1.16", "logs parse trees", parameter("debug_print_parse", "1")],
  ["CIS 3.1.17", "logs rewritten trees", parameter("debug_print_rewritten", "1")],
  ["CIS 3.1.18", "logs plans", parameter("debug_print_plan", "1")],
  ["CIS 3.1.20", "logs no logins", parameter("log_connections", "0")],
  ["CIS 3.1.21", "logs no logouts", parameter("log_disconnections", "0")],
  ["CIS 3.1.22", "logs the details of errors", parameter("log_error_verbosity", "default")],
  ["CIS 3.1.23", "looks up the host name of each login", parameter("log_hostname", "1")],
  ["CIS 3.1.24", "logs no application name", parameter("log_line_prefix", "%m [%p] %l %d %a %r ")],
  ["CIS 3.1.25", "logs no changes of the schema", parameter("log_statement", "none")],
  ["CIS 3.1.25", "logs every statement with its values", parameter("log_statement", "all")],
  ["CIS 3.1.26", "has another time zone", parameter("timezone", "Europe/Berlin")],
  ["CIS 3.2", "does not load pgaudit", parameter("shared_preload_libraries", "pg_stat_statements")],
  ["CIS 3.2", "audits no roles", parameter("pgaudit.log", "ddl")],
  ["CIS 7.2", "logs no replication", parameter("log_replication_commands", "0")],
  ["CKV2_AWS_30", "logs no slow statements", parameter("log_min_duration_statement", "-1")],
  ["values in logs", "logs values", parameter("log_parameter_max_length", "-1")],
  ["values in logs", "logs values of errors", parameter("log_parameter_max_length_on_error", "-1")],
  ["values in logs", "audits values", parameter("pgaudit.log_parameter", "1")],
  ["autovacuum", "does not vacuum", parameter("autovacuum", "0")],
  ["full storage", "keeps all for a forgotten slot", parameter("max_slot_wal_keep_size", "-1")],
  ["units", "has a value with a unit", parameter("shared_buffers", "8GB")],
  [
    "apply method",
    "applies a static parameter at once",
    (draft) => {
      for (const found of parameters(draft))
        if (found.name === "max_connections") found.applyMethod = "immediate";
    },
  ],
  [
    "apply method",
    "leaves a dynamic parameter waiting",
    (draft) => {
      for (const found of parameters(draft))
        if (found.name === "log_statement") found.applyMethod = "pending-reboot";
    },
  ],
  ["major version", "is for another major version", input("family", "postgres17")],
  ["replacement", "has a fixed name that its replacement cannot have", input("name", "sark-prod")],
  ["replacement", "has no prefix", input("namePrefix", undefined)],
  ["retainOnDelete", "goes while its servers stay", option("retainOnDelete", false)],
  [
    "deleteBeforeReplace",
    "is deleted before its replacement exists",
    option("deleteBeforeReplace", true),
  ],
  ["RDS.38", "is missing", REMOVED],
]);

export const serverMutants: readonly ControlMutant[] = [
  ...SERVERS,
  ...WRITERS,
  ...MASTERS,
  ...FOLLOWERS,
  ...DISTANT,
  ...PARAMETERS,
];
