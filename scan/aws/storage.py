"""Calls that make buckets, and the vaults and plans of AWS Backup."""


def s3_bucket(resource):
    bucket = resource.physical_name("bucket")
    place = None if resource.region == "us-east-1" else {"LocationConstraint": resource.region}
    resource.drop("force_destroy")
    resource.call(
        "s3",
        "CreateBucket",
        Bucket=bucket,
        CreateBucketConfiguration=place,
        ObjectLockEnabledForBucket=resource.take("object_lock_enabled"),
    )
    tags = resource.tags()
    if tags:
        resource.call("s3", "PutBucketTagging", Bucket=bucket, Tagging={"TagSet": tags})
    resource.is_known_by(id=bucket, bucket=bucket, name=bucket, arn=f"arn:aws:s3:::{bucket}")


def s3_bucket_versioning(resource):
    block = resource.take("versioning_configuration")
    configuration = {"Status": block["status"], **optional("MFADelete", block.get("mfa_delete"))}
    put(resource, "PutBucketVersioning", VersioningConfiguration=configuration)


def s3_bucket_public_access_block(resource):
    configuration = {
        "BlockPublicAcls": resource.take("block_public_acls"),
        "BlockPublicPolicy": resource.take("block_public_policy"),
        "IgnorePublicAcls": resource.take("ignore_public_acls"),
        "RestrictPublicBuckets": resource.take("restrict_public_buckets"),
    }
    put(resource, "PutPublicAccessBlock", PublicAccessBlockConfiguration=known(configuration))


def s3_bucket_ownership_controls(resource):
    rule = {"ObjectOwnership": resource.take("rule")["object_ownership"]}
    put(resource, "PutBucketOwnershipControls", OwnershipControls={"Rules": [rule]})


def s3_bucket_server_side_encryption_configuration(resource):
    rules = [
        known(
            {
                "ApplyServerSideEncryptionByDefault": known(
                    {
                        "SSEAlgorithm": rule["apply_server_side_encryption_by_default"]["sse_algorithm"],
                        "KMSMasterKeyID": rule["apply_server_side_encryption_by_default"].get("kms_master_key_id"),
                    }
                ),
                "BucketKeyEnabled": rule.get("bucket_key_enabled"),
            }
        )
        for rule in resource.take("rule")
    ]
    put(resource, "PutBucketEncryption", ServerSideEncryptionConfiguration={"Rules": rules})


def s3_bucket_policy(resource):
    put(resource, "PutBucketPolicy", Policy=resource.take("policy"))


def s3_bucket_logging(resource):
    enabled = {"TargetBucket": resource.take("target_bucket"), "TargetPrefix": resource.take("target_prefix")}
    form = resource.take("target_object_key_format")
    if form:
        enabled["TargetObjectKeyFormat"] = key_format(form)
    put(resource, "PutBucketLogging", BucketLoggingStatus={"LoggingEnabled": enabled})


def key_format(form):
    if "partitioned_prefix" in form:
        source = form["partitioned_prefix"]["partition_date_source"]
        return {"PartitionedPrefix": {"PartitionDateSource": source}}
    return {"SimplePrefix": {}}


def s3_bucket_object_lock_configuration(resource):
    retention = resource.take("rule")["default_retention"]
    rule = {"DefaultRetention": known({api: retention.get(api.lower()) for api in ("Mode", "Days", "Years")})}
    configuration = {"ObjectLockEnabled": resource.take("object_lock_enabled", "Enabled"), "Rule": rule}
    put(resource, "PutObjectLockConfiguration", ObjectLockConfiguration=configuration)


def s3_bucket_lifecycle_configuration(resource):
    least = resource.take("transition_default_minimum_object_size")
    rules = [lifecycle_rule(rule) for rule in resource.take("rule")]
    put(
        resource,
        "PutBucketLifecycleConfiguration",
        LifecycleConfiguration={"Rules": rules},
        TransitionDefaultMinimumObjectSize=least,
    )


def lifecycle_rule(rule):
    noncurrent = {"NoncurrentDays": "noncurrent_days", "NewerNoncurrentVersions": "newer_noncurrent_versions"}
    moved = {"StorageClass": "storage_class"}
    return known(
        {
            "ID": rule["id"],
            "Status": rule["status"],
            "Filter": lifecycle_filter(rule.get("filter") or {}),
            "Transitions": [
                renamed(each, {"Days": "days", **moved}) for each in rule.get("transition", [])
            ]
            or None,
            "NoncurrentVersionTransitions": [
                renamed(each, {**noncurrent, **moved}) for each in rule.get("noncurrent_version_transition", [])
            ]
            or None,
            "Expiration": renamed(
                rule.get("expiration"),
                {"Days": "days", "ExpiredObjectDeleteMarker": "expired_object_delete_marker"},
            ),
            "NoncurrentVersionExpiration": renamed(rule.get("noncurrent_version_expiration"), noncurrent),
            "AbortIncompleteMultipartUpload": renamed(
                rule.get("abort_incomplete_multipart_upload"), {"DaysAfterInitiation": "days_after_initiation"}
            ),
        }
    )


def lifecycle_filter(block):
    one = renamed(
        block,
        {
            "Prefix": "prefix",
            "ObjectSizeGreaterThan": "object_size_greater_than",
            "ObjectSizeLessThan": "object_size_less_than",
        },
    )
    return one or {"Prefix": ""}


def s3_bucket_replication_configuration(resource):
    rules = [replication_rule(rule) for rule in resource.take("rule")]
    put(
        resource,
        "PutBucketReplication",
        ReplicationConfiguration={"Role": resource.take("role"), "Rules": rules},
        Token=resource.take("token"),
    )


def replication_rule(rule):
    destination = rule["destination"]
    encryption = destination.get("encryption_configuration")
    return known(
        {
            "ID": rule.get("id"),
            "Priority": rule.get("priority"),
            "Status": rule["status"],
            "Filter": renamed(rule.get("filter"), {"Prefix": "prefix"}) or {"Prefix": ""},
            "DeleteMarkerReplication": renamed(rule.get("delete_marker_replication"), {"Status": "status"}),
            "SourceSelectionCriteria": selection_criteria(rule.get("source_selection_criteria")),
            "Destination": known(
                {
                    "Bucket": destination["bucket"],
                    "Account": destination.get("account"),
                    "StorageClass": destination.get("storage_class"),
                    "EncryptionConfiguration": renamed(
                        encryption, {"ReplicaKmsKeyID": "replica_kms_key_id"}
                    ),
                    "Metrics": switched(destination.get("metrics"), "event_threshold", "EventThreshold"),
                    "ReplicationTime": switched(destination.get("replication_time"), "time", "Time"),
                }
            ),
        }
    )


def selection_criteria(block):
    if not block:
        return None
    encrypted, modified = block.get("sse_kms_encrypted_objects"), block.get("replica_modifications")
    return known(
        {
            "SseKmsEncryptedObjects": renamed(encrypted, {"Status": "status"}),
            "ReplicaModifications": renamed(modified, {"Status": "status"}),
        }
    )


def switched(block, argument, name):
    if not block:
        return None
    return known({"Status": block["status"], name: renamed(block.get(argument), {"Minutes": "minutes"})})


def s3_bucket_notification(resource):
    configuration = {"EventBridgeConfiguration": {}} if resource.take("eventbridge") else {}
    topics = [
        known({"TopicArn": each["topic_arn"], "Events": each["events"], "Id": each.get("id")})
        for each in resource.take("topic", [])
    ]
    if topics:
        configuration["TopicConfigurations"] = topics
    put(resource, "PutBucketNotificationConfiguration", NotificationConfiguration=configuration)


def put(resource, operation, **parameters):
    """A setting of a bucket, which is known by the bucket's name."""
    bucket = resource.take("bucket")
    resource.drop("skip_destroy")
    resource.call("s3", operation, Bucket=bucket, **parameters)
    resource.is_known_by(id=bucket, bucket=bucket)


def backup_vault(resource):
    name = resource.take("name")
    resource.drop("force_destroy")
    vault = resource.call(
        "backup",
        "CreateBackupVault",
        BackupVaultName=name,
        EncryptionKeyArn=resource.take("kms_key_arn"),
        BackupVaultTags=resource.take("tags"),
    )
    resource.is_known_by(id=name, name=name, arn=vault["BackupVaultArn"])


def backup_vault_lock_configuration(resource):
    resource.call(
        "backup",
        "PutBackupVaultLockConfiguration",
        BackupVaultName=resource.take("backup_vault_name"),
        MinRetentionDays=resource.take("min_retention_days"),
        MaxRetentionDays=resource.take("max_retention_days"),
        ChangeableForDays=resource.take("changeable_for_days"),
    )
    resource.is_known_by(id=resource.name)


def backup_vault_policy(resource):
    resource.call(
        "backup",
        "PutBackupVaultAccessPolicy",
        BackupVaultName=resource.take("backup_vault_name"),
        Policy=resource.take("policy"),
    )
    resource.is_known_by(id=resource.name)


def backup_plan(resource):
    name = resource.take("name")
    rules = [backup_rule(rule) for rule in resource.take("rule")]
    plan = resource.call(
        "backup",
        "CreateBackupPlan",
        BackupPlan={"BackupPlanName": name, "Rules": rules},
        BackupPlanTags=resource.take("tags"),
    )
    resource.is_known_by(id=plan["BackupPlanId"], name=name, arn=plan["BackupPlanArn"])


def backup_rule(rule):
    return known(
        {
            **renamed(
                rule,
                {
                    "RuleName": "rule_name",
                    "TargetBackupVaultName": "target_vault_name",
                    "ScheduleExpression": "schedule",
                    "ScheduleExpressionTimezone": "schedule_expression_timezone",
                    "StartWindowMinutes": "start_window",
                    "CompletionWindowMinutes": "completion_window",
                    "EnableContinuousBackup": "enable_continuous_backup",
                    "RecoveryPointTags": "recovery_point_tags",
                },
            ),
            "Lifecycle": backup_lifecycle(rule.get("lifecycle")),
            "CopyActions": [
                known(
                    {
                        "DestinationBackupVaultArn": each["destination_vault_arn"],
                        "Lifecycle": backup_lifecycle(each.get("lifecycle")),
                    }
                )
                for each in rule.get("copy_action", [])
            ]
            or None,
        }
    )


def backup_lifecycle(block):
    return renamed(
        block, {"DeleteAfterDays": "delete_after", "MoveToColdStorageAfterDays": "cold_storage_after"}
    )


def backup_selection(resource):
    tags = [
        {"ConditionType": each["type"], "ConditionKey": each["key"], "ConditionValue": each["value"]}
        for each in resource.take("selection_tag", [])
    ]
    selection = {
        "SelectionName": resource.take("name"),
        "IamRoleArn": resource.take("iam_role_arn"),
        "Resources": resource.take("resources"),
        "NotResources": resource.take("not_resources"),
        "ListOfTags": tags or None,
        "Conditions": conditions(resource.take("condition", [])),
    }
    resource.call(
        "backup",
        "CreateBackupSelection",
        BackupPlanId=resource.take("plan_id"),
        BackupSelection=known(selection),
    )
    resource.is_known_by(id=resource.name)


def conditions(blocks):
    block = (blocks if isinstance(blocks, list) else [blocks])[:1]
    if not block:
        return None
    names = {
        "StringEquals": "string_equals",
        "StringNotEquals": "string_not_equals",
        "StringLike": "string_like",
        "StringNotLike": "string_not_like",
    }
    return {
        api: [{"ConditionKey": each["key"], "ConditionValue": each["value"]} for each in block[0][name]]
        for api, name in names.items()
        if block[0].get(name)
    }


def renamed(block, names):
    """The arguments of a block by the call's own names; None for a block that is not there."""
    if not block:
        return None
    return known({api: block.get(name) for api, name in names.items()})


def optional(name, value):
    return {} if value is None else {name: value}


def known(parameters):
    return {name: value for name, value in parameters.items() if value is not None}
