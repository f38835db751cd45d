import type { TerraformResource } from "../../scan/terraform";

/** A changed value in one resource; undefined removes it. */
export interface Mutant {
  /** `aws_db_instance.sark-primary-instance` */
  readonly address: string;
  readonly argument: string;
  readonly value: unknown;
}

/** A mutant that a check of checkov must find. */
export interface InsecureMutant extends Mutant {
  readonly check: string;
}

const PRIMARY = "aws_db_instance.sark-primary-instance";
const WALL = "aws_s3_bucket_public_access_block.backups-archive-bucket-wall";
const ROLE_POLICY = "aws_iam_role_policy.backups-archive-roles-sark-audit-access";
const ALARM = "aws_cloudwatch_metric_alarm.monitoring-sark-prod-cpu-warning";
const KEY = "aws_kms_key.sark-region-key";
const BUCKET_POLICY = "aws_s3_bucket_policy.backups-archive-bucket-policy";
const RULE = "aws_vpc_security_group_ingress_rule.sark-region-network-from-eks";

const policy = (...statements: readonly object[]) =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });

const everybody = { Effect: "Allow", Principal: "*", Resource: "*" };

/** Secure values made insecure, with the check of checkov that must report each. */
export const INSECURE_MUTANTS: readonly InsecureMutant[] = [
  ...flips(PRIMARY, {
    auto_minor_version_upgrade: [false, "CKV_AWS_226"],
    backup_retention_period: [0, "CKV_AWS_133"],
    ca_cert_identifier: ["rds-ca-2015", "CKV_AWS_211"],
    copy_tags_to_snapshot: [false, "CKV2_AWS_60"],
    deletion_protection: [false, "CKV_AWS_293"],
    enabled_cloudwatch_logs_exports: [[], "CKV_AWS_129"],
    iam_database_authentication_enabled: [false, "CKV_AWS_161"],
    monitoring_interval: [0, "CKV_AWS_118"],
    multi_az: [false, "CKV_AWS_157"],
    performance_insights_enabled: [false, "CKV_AWS_353"],
    performance_insights_kms_key_id: [undefined, "CKV_AWS_354"],
    publicly_accessible: [true, "CKV_AWS_17"],
    storage_encrypted: [false, "CKV_AWS_16"],
  }),
  ...flips(WALL, {
    block_public_acls: [false, "CKV_AWS_53"],
    block_public_policy: [false, "CKV_AWS_54"],
    bucket: ["another-bucket", "CKV2_AWS_6"],
    ignore_public_acls: [false, "CKV_AWS_55"],
    restrict_public_buckets: [false, "CKV_AWS_56"],
  }),
  ...flips(KEY, { enable_key_rotation: [false, "CKV_AWS_7"] }),
  ...flips("aws_db_parameter_group.sark-primary-parameters", {
    parameter: [[], "CKV2_AWS_69"],
  }),
  ...flips("aws_secretsmanager_secret.login-store-sark-app", {
    kms_key_id: [undefined, "CKV_AWS_149"],
  }),
  ...flips("aws_cloudwatch_log_group.sark-primary-log-postgresql", {
    kms_key_id: [undefined, "CKV_AWS_158"],
    retention_in_days: [30, "CKV_AWS_338"],
  }),
  ...flips("aws_backup_vault.backups-vault", { kms_key_arn: [undefined, "CKV_AWS_166"] }),
  ...flips("aws_sns_topic.monitoring-topic", { kms_master_key_id: [undefined, "CKV_AWS_26"] }),
  ...flips(ALARM, { actions_enabled: [false, "CKV_AWS_319"] }),
  ...flips(BUCKET_POLICY, {
    policy: [policy({ ...everybody, Action: "s3:GetObject" }), "CKV_AWS_70"],
  }),
  ...flips(ROLE_POLICY, {
    policy: [policy({ Effect: "Allow", Action: "*", Resource: "*" }), "CKV_AWS_62"],
  }),
  ...flips(RULE, { description: [undefined, "CKV_AWS_23"] }),
  ...flips("aws_s3_bucket_versioning.backups-archive-bucket-versioning", {
    versioning_configuration: [{ status: "Suspended" }, "CKV_AWS_21"],
  }),
  ...flips("aws_s3_bucket_logging.backups-archive-logging", {
    bucket: ["another-bucket", "CKV_AWS_18"],
  }),
  ...flips("aws_s3_bucket_lifecycle_configuration.backups-archive-bucket-lifecycle", {
    bucket: ["another-bucket", "CKV2_AWS_61"],
    rule: [[{ id: "all", status: "Enabled", expiration: { days: 365 } }], "CKV_AWS_300"],
  }),
  ...flips("aws_s3_bucket_replication_configuration.backups-archive-copying", {
    bucket: ["another-bucket", "CKV_AWS_144"],
  }),
];

/** Values that AWS refuses or ignores, and insecure values that checkov does not find. */
export const INVALID_MUTANTS: readonly Mutant[] = [
  ...typos(PRIMARY, {
    allocated_storage: [5, 70_000],
    backup_retention_period: [36],
    backup_window: ["25:00-26:00", "1-2", "sun:03:10-sun:03:50"],
    ca_cert_identifier: ["rds-ca-rsa2048"],
    enabled_cloudwatch_logs_exports: [["postgres"]],
    engine_version: ["18.99", "19"],
    iops: [11_999, 64_001],
    instance_class: ["db.m7g.3xlarge", "m7g.large"],
    identifier: ["9sark", "sark--prod"],
    maintenance_window: ["sunday", "sun:3:00-sun:04:00"],
    max_allocated_storage: [100],
    monitoring_interval: [7],
    network_type: ["IPV5"],
    performance_insights_retention_period: [8],
    port: [80],
    storage_throughput: [4000],
    storage_type: ["gp9"],
    username: ["rdsadmin"],
    no_such_argument: [true],
  }),
  ...typos("aws_db_parameter_group.sark-primary-parameters", {
    family: ["postgres99"],
    parameter: [[{ name: "work_mem", value: "1", apply_method: "at-once" }]],
  }),
  ...typos("aws_cloudwatch_log_group.sark-primary-log-postgresql", { retention_in_days: [401] }),
  ...typos("aws_backup_plan.backups-plan", {
    rule: [
      [{ rule_name: "daily", target_vault_name: "sark-prod", schedule: "0 4 * * *" }],
      [{ rule_name: "day/night", target_vault_name: "sark-prod", schedule: "cron(0 4 ? * * *)" }],
    ],
  }),
  ...typos("aws_backup_vault_lock_configuration.backups-vault-lock", { min_retention_days: [0] }),
  ...typos("aws_s3_bucket.backups-archive-bucket", { bucket: ["Sark_prod", "a"] }),
  ...typos("aws_s3_bucket_lifecycle_configuration.backups-archive-bucket-lifecycle", {
    rule: [
      [{ id: "all", status: "enabled", filter: {} }],
      [{ id: "all", status: "Enabled", transition: [{ days: 30, storage_class: "GLACIER_RI" }] }],
    ],
  }),
  ...typos("aws_s3_bucket_object_lock_configuration.backups-archive-bucket-lock", {
    rule: [{ default_retention: { mode: "GOVERNED", days: 30 } }],
  }),
  ...typos("aws_s3_bucket_server_side_encryption_configuration.backups-archive-bucket-encryption", {
    rule: [[{ apply_server_side_encryption_by_default: { sse_algorithm: "kms" } }]],
  }),
  ...typos(ALARM, {
    comparison_operator: ["GreaterThan"],
    evaluation_periods: [0],
    period: [61],
    statistic: ["Avg"],
    treat_missing_data: ["ignored"],
  }),
  ...typos("aws_sns_topic_subscription.monitoring-databases_example_com", {
    protocol: ["mail"],
  }),
  ...typos(RULE, { from_port: [70_000], ip_protocol: ["tpc"] }),
  ...typos(KEY, {
    deletion_window_in_days: [5],
    policy: [
      policy({
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::111122223333:role/nobody" },
        Action: "kms:Decrypt",
        Resource: "*",
      }),
      policy({ ...everybody, Principal: { AWS: "*" }, Action: "kms:*" }),
    ],
  }),
  ...typos("aws_sns_topic_policy.monitoring-policy", {
    policy: [policy({ ...everybody, Action: "sns:Publish" })],
  }),
  ...typos("aws_iam_role_policy_attachment.sark-monitoring-policy", {
    policy_arn: ["arn:aws:iam::aws:policy/service-role/AmazonRDSMonitoring"],
  }),
  ...typos(ROLE_POLICY, {
    policy: [
      policy({ Effect: "Allow", Action: "s3:PutObjects", Resource: "arn:aws:s3:::sark/*" }),
      policy({ Effect: "Allow", Actions: "s3:PutObject", Resource: "arn:aws:s3:::sark/*" }),
      policy({ Effect: "Allow", Action: "s3:PutObject", Resource: "arn:aws:s3:::sark" }),
      policy({ Effect: "Allow", Action: "s3:ListBucket", Resource: "arn:aws:s3:::sark/*" }),
      policy({
        Effect: "Allow",
        Action: "s3:ListBucket",
        Resource: "arn:aws:s3:::sark",
        Condition: { StringLike: { "s3:prefixes": "a/*" } },
      }),
    ],
  }),
];

function flips(
  address: string,
  values: Readonly<Record<string, readonly [value: unknown, check: string]>>,
): readonly InsecureMutant[] {
  return Object.entries(values).map(([argument, [value, check]]) => ({
    address,
    argument,
    value,
    check,
  }));
}

function typos(
  address: string,
  values: Readonly<Record<string, readonly unknown[]>>,
): readonly Mutant[] {
  return Object.entries(values).flatMap(([argument, each]) =>
    each.map((value) => ({ address, argument, value })),
  );
}

/** `backup_window = "25:00-26:00" of aws_db_instance.sark-primary-instance` */
export function describeMutant({ address, argument, value }: Mutant): string {
  return `${argument} = ${value === undefined ? "nothing" : JSON.stringify(value)} of ${address}`;
}

/** A resource with its dependencies and dependents: small enough to scan many mutants at once. */
export function neighbourhood(
  resources: readonly TerraformResource[],
  address: string,
): readonly TerraformResource[] {
  const roles = new Map(
    resources
      .filter(({ type }) => type === "aws_iam_role")
      .map((role) => [String(role.values["name"]), addressOf(role)]),
  );
  const needed = new Set<string>();
  const collect = (each: string) => {
    const resource = resources.find((candidate) => addressOf(candidate) === each);
    if (!resource || needed.has(each)) return;
    needed.add(each);
    for (const other of referred(resource, roles)) collect(other);
  };
  collect(address);
  for (const resource of resources) {
    if (referred(resource, roles).has(address)) collect(addressOf(resource));
  }
  return resources.filter((resource) => needed.has(addressOf(resource)));
}

/** The neighbourhood of the resource, with the mutant in place of the resource. */
export function mutated(
  resources: readonly TerraformResource[],
  { address, argument, value }: Mutant,
): readonly TerraformResource[] {
  return neighbourhood(resources, address).map((resource) => {
    if (addressOf(resource) !== address) return resource;
    const { [argument]: _, ...others } = resource.values;
    return { ...resource, values: value === undefined ? others : { ...others, [argument]: value } };
  });
}

export function addressOf({ type, name }: TerraformResource): string {
  return `${type}.${name}`;
}

/** Addresses that a resource refers to; for roles also the names in a policy. */
function referred(
  { values }: TerraformResource,
  roles: ReadonlyMap<string, string>,
): ReadonlySet<string> {
  const text = JSON.stringify(values);
  const references = [...text.matchAll(/\$\{(aws_\w+\.[\w-]+)\.\w+\}/g)].map(([, found]) => found);
  const named = [...text.matchAll(/:role\/([\w-]+)/g)].map(([, name]) => roles.get(name ?? ""));
  return new Set([...references, ...named].filter((each) => each !== undefined));
}
