"""The calls with which Pulumi's provider creates each type of resource."""

from cloud import one
from servers import db_instance, db_parameter_group


def kms_key(resource):
    window, rotation = resource.take("deletion_window_in_days"), resource.take("enable_key_rotation")
    period = resource.take("rotation_period_in_days")
    key = resource.send("kms", "CreateKey")["KeyMetadata"]
    if rotation:
        resource.call("kms", "EnableKeyRotation", KeyId=key["KeyId"], RotationPeriodInDays=period)
    resource.is_known_by(id=key["KeyId"], key_id=key["KeyId"], arn=key["Arn"])
    # No model has this range. With fewer days, RDS, S3 and Backup could lose their key before anyone notices.
    if window is not None and not 7 <= window <= 30:
        raise ValueError(f"deletion_window_in_days is {window}; KMS allows 7 to 30")


def secretsmanager_secret(resource):
    window = resource.take("recovery_window_in_days", 30)
    if window != 0 and not 7 <= window <= 30:
        raise ValueError(f"recovery_window_in_days is {window}; Secrets Manager allows 0, or 7 to 30")
    one("secretsmanager", "CreateSecret", named="Name", known={"id": "ARN", "arn": "ARN"})(resource)


def tag_specifications(resource, kind):
    tags = [{"Key": name, "Value": text} for name, text in resource.take("tags", {}).items()]
    return [{"ResourceType": kind, "Tags": tags}] if tags else None


def security_group(resource):
    tags = tag_specifications(resource, "security-group")
    one("ec2", "CreateSecurityGroup", named="GroupName", known={"id": "GroupId"}, TagSpecifications=tags)(resource)


def vpc_security_group_ingress_rule(resource):
    pair = {"GroupId": resource.take("referenced_security_group_id"), "Description": resource.take("description")}
    permission = {
        "IpProtocol": resource.take("ip_protocol"),
        "FromPort": resource.take("from_port"),
        "ToPort": resource.take("to_port"),
        "UserIdGroupPairs": [{name: value for name, value in pair.items() if value is not None}],
    }
    resource.call(
        "ec2",
        "AuthorizeSecurityGroupIngress",
        GroupId=resource.take("security_group_id"),
        IpPermissions=[permission],
        TagSpecifications=tag_specifications(resource, "security-group-rule"),
    )


def s3_bucket(resource):
    bucket = resource.physical_name("bucket")
    place = None if resource.region == "us-east-1" else {"LocationConstraint": resource.region}
    names = {"object_lock_enabled": "ObjectLockEnabledForBucket"}
    resource.send("s3", "CreateBucket", names, Bucket=bucket, CreateBucketConfiguration=place)
    resource.is_known_by(id=bucket, bucket=bucket, name=bucket, arn=f"arn:aws:s3:::{bucket}")


def s3_bucket_notification(resource):
    events = {"EventBridgeConfiguration": {}} if resource.take("eventbridge") else {}
    resource.send("s3", "PutBucketNotificationConfiguration", NotificationConfiguration=events)


def cloudwatch_metric_alarm(resource):
    for query in resource.values.get("metric_query", []):
        stat = query.pop("metric", None)
        if stat:
            names = [name for name in ("namespace", "metric_name", "dimensions") if name in stat]
            query["metric_stat"] = {"metric": {name: stat.pop(name) for name in names}, **stat}
    names = {
        "metric_query": "Metrics",
        "evaluate_low_sample_count_percentiles": "EvaluateLowSampleCountPercentile",
    }
    resource.send("cloudwatch", "PutMetricAlarm", names)


TOPIC = {
    "display_name": "DisplayName",
    "kms_master_key_id": "KmsMasterKeyId",
    "signature_version": "SignatureVersion",
}


def sns_topic(resource):
    given = {api: resource.take(argument) for argument, api in TOPIC.items()}
    attributes = {api: str(value) for api, value in given.items() if value is not None}
    known = {"id": "TopicArn", "arn": "TopicArn"}
    one("sns", "CreateTopic", named="Name", known=known, Attributes=attributes)(resource)


def cloudwatch_log_group(resource):
    days, name = resource.take("retention_in_days"), resource.physical_name()
    resource.send("logs", "CreateLogGroup", logGroupName=name)
    if days:
        resource.call("logs", "PutRetentionPolicy", logGroupName=name, retentionInDays=days)
    arn = f"arn:aws:logs:{resource.region}:123456789012:log-group:{name}"
    resource.is_known_by(id=name, name=name, arn=arn)


BACKUP_RULE = {
    "target_vault_name": "TargetBackupVaultName",
    "schedule": "ScheduleExpression",
    "schedule_expression_timezone": "ScheduleExpressionTimezone",
    "start_window": "StartWindowMinutes",
    "completion_window": "CompletionWindowMinutes",
    "delete_after": "DeleteAfterDays",
    "destination_vault_arn": "DestinationBackupVaultArn",
}
BACKUP_SELECTION = {
    "plan_id": "BackupPlanId",
    "name": "SelectionName",
    "selection_tag": "ListOfTags",
    "type": "ConditionType",
    "key": "ConditionKey",
    "value": "ConditionValue",
}
VAULT = {"kms_key_arn": "EncryptionKeyArn", "tags": "BackupVaultTags"}
SUBNETS = {"description": "DBSubnetGroupDescription"}

MAKERS = {
    "aws_backup_plan": one(
        "backup",
        "CreateBackupPlan",
        {"name": "BackupPlanName", "tags": "BackupPlanTags", **BACKUP_RULE},
        ["BackupPlan"],
        known={"id": "BackupPlanId", "arn": "BackupPlanArn"},
    ),
    "aws_backup_selection": one("backup", "CreateBackupSelection", BACKUP_SELECTION, ["BackupSelection"]),
    "aws_backup_vault": one(
        "backup", "CreateBackupVault", VAULT, named="BackupVaultName", known={"arn": "BackupVaultArn"}
    ),
    "aws_backup_vault_lock_configuration": one("backup", "PutBackupVaultLockConfiguration"),
    "aws_backup_vault_policy": one("backup", "PutBackupVaultAccessPolicy"),
    "aws_cloudwatch_dashboard": one("cloudwatch", "PutDashboard"),
    "aws_cloudwatch_log_group": cloudwatch_log_group,
    "aws_cloudwatch_metric_alarm": cloudwatch_metric_alarm,
    "aws_db_event_subscription": one(
        "rds", "CreateEventSubscription", {"sns_topic": "SnsTopicArn"}, named="SubscriptionName"
    ),
    "aws_db_instance": db_instance,
    "aws_db_instance_automated_backups_replication": one(
        "rds", "StartDBInstanceAutomatedBackupsReplication", {"retention_period": "BackupRetentionPeriod"}
    ),
    "aws_db_parameter_group": db_parameter_group,
    "aws_db_subnet_group": one(
        "rds", "CreateDBSubnetGroup", SUBNETS, named="DBSubnetGroupName", known={"arn": "DBSubnetGroup.DBSubnetGroupArn"}
    ),
    "aws_eks_pod_identity_association": one("eks", "CreatePodIdentityAssociation"),
    "aws_iam_role": one(
        "iam",
        "CreateRole",
        {"assume_role_policy": "AssumeRolePolicyDocument"},
        named="RoleName",
        known={"arn": "Role.Arn"},
    ),
    "aws_iam_role_policy": one(
        "iam", "PutRolePolicy", {"role": "RoleName", "name": "PolicyName", "policy": "PolicyDocument"}
    ),
    "aws_iam_role_policy_attachment": one("iam", "AttachRolePolicy", {"role": "RoleName"}),
    "aws_kms_alias": one("kms", "CreateAlias", named="AliasName"),
    "aws_kms_key": kms_key,
    "aws_s3_bucket": s3_bucket,
    "aws_s3_bucket_lifecycle_configuration": one(
        "s3", "PutBucketLifecycleConfiguration", inside=["LifecycleConfiguration"]
    ),
    "aws_s3_bucket_logging": one("s3", "PutBucketLogging", inside=["BucketLoggingStatus", "LoggingEnabled"]),
    "aws_s3_bucket_notification": s3_bucket_notification,
    "aws_s3_bucket_object_lock_configuration": one(
        "s3",
        "PutObjectLockConfiguration",
        inside=["ObjectLockConfiguration"],
        defaults={"object_lock_enabled": "Enabled"},
    ),
    "aws_s3_bucket_ownership_controls": one("s3", "PutBucketOwnershipControls", inside=["OwnershipControls"]),
    "aws_s3_bucket_policy": one("s3", "PutBucketPolicy"),
    "aws_s3_bucket_public_access_block": one(
        "s3", "PutPublicAccessBlock", inside=["PublicAccessBlockConfiguration"]
    ),
    "aws_s3_bucket_replication_configuration": one(
        "s3", "PutBucketReplication", inside=["ReplicationConfiguration"]
    ),
    "aws_s3_bucket_server_side_encryption_configuration": one(
        "s3", "PutBucketEncryption", inside=["ServerSideEncryptionConfiguration"]
    ),
    "aws_s3_bucket_versioning": one("s3", "PutBucketVersioning"),
    "aws_secretsmanager_secret": secretsmanager_secret,
    "aws_secretsmanager_secret_policy": one(
        "secretsmanager", "PutResourcePolicy", {"secret_arn": "SecretId", "policy": "ResourcePolicy"}
    ),
    "aws_secretsmanager_secret_version": one("secretsmanager", "PutSecretValue"),
    "aws_security_group": security_group,
    "aws_sns_topic": sns_topic,
    "aws_sns_topic_policy": one(
        "sns", "SetTopicAttributes", {"arn": "TopicArn", "policy": "AttributeValue"}, AttributeName="Policy"
    ),
    "aws_sns_topic_subscription": one("sns", "Subscribe"),
    "aws_vpc_security_group_ingress_rule": vpc_security_group_ingress_rule,
}
