"""Calls that make servers on RDS, and what belongs to them."""

from cloud import Refused
from models import value_problems

# Terraform's arguments of a server by the name in RDS's calls.
SERVER = {
    "allocated_storage": "AllocatedStorage",
    "allow_major_version_upgrade": "AllowMajorVersionUpgrade",
    "auto_minor_version_upgrade": "AutoMinorVersionUpgrade",
    "availability_zone": "AvailabilityZone",
    "backup_retention_period": "BackupRetentionPeriod",
    "backup_window": "PreferredBackupWindow",
    "ca_cert_identifier": "CACertificateIdentifier",
    "copy_tags_to_snapshot": "CopyTagsToSnapshot",
    "database_insights_mode": "DatabaseInsightsMode",
    "db_name": "DBName",
    "db_subnet_group_name": "DBSubnetGroupName",
    "dedicated_log_volume": "DedicatedLogVolume",
    "deletion_protection": "DeletionProtection",
    "enabled_cloudwatch_logs_exports": "EnableCloudwatchLogsExports",
    "engine": "Engine",
    "engine_lifecycle_support": "EngineLifecycleSupport",
    "engine_version": "EngineVersion",
    "iam_database_authentication_enabled": "EnableIAMDatabaseAuthentication",
    "instance_class": "DBInstanceClass",
    "iops": "Iops",
    "kms_key_id": "KmsKeyId",
    "license_model": "LicenseModel",
    "maintenance_window": "PreferredMaintenanceWindow",
    "manage_master_user_password": "ManageMasterUserPassword",
    "master_user_secret_kms_key_id": "MasterUserSecretKmsKeyId",
    "max_allocated_storage": "MaxAllocatedStorage",
    "monitoring_interval": "MonitoringInterval",
    "monitoring_role_arn": "MonitoringRoleArn",
    "multi_az": "MultiAZ",
    "network_type": "NetworkType",
    "option_group_name": "OptionGroupName",
    "parameter_group_name": "DBParameterGroupName",
    "password": "MasterUserPassword",
    "performance_insights_enabled": "EnablePerformanceInsights",
    "performance_insights_kms_key_id": "PerformanceInsightsKMSKeyId",
    "performance_insights_retention_period": "PerformanceInsightsRetentionPeriod",
    "port": "Port",
    "publicly_accessible": "PubliclyAccessible",
    "replica_mode": "ReplicaMode",
    "storage_encrypted": "StorageEncrypted",
    "storage_throughput": "StorageThroughput",
    "storage_type": "StorageType",
    "username": "MasterUsername",
    "vpc_security_group_ids": "VpcSecurityGroupIds",
}

# What the two ways of naming a change share, and what a replica or a restored server has of its source.
OF_THE_SOURCE = {"StorageEncrypted", "Engine", "EngineVersion", "MasterUsername", "AllocatedStorage", "KmsKeyId"}


def db_instance(resource):
    """A new server, one that follows another, or one from a backup; what its first call lacks is changed afterwards."""
    identifier = resource.take("identifier")
    source = resource.take("replicate_source_db")
    snapshot = resource.take("snapshot_identifier")
    moment = resource.take("restore_to_point_in_time")
    final_snapshot(resource, identifier)
    wanted = {api: resource.take(name) for name, api in SERVER.items() if name in resource.values}
    resource.drop("apply_immediately", "blue_green_update", "delete_automated_backups")
    wanted["Tags"] = resource.tags()
    operation, named = first_call(identifier, source, snapshot, moment)
    if source and source.startswith("arn:"):
        named["SourceRegion"] = source.split(":")[3]
    allowed = resource.members("rds", operation)
    first = {name: value for name, value in wanted.items() if name in allowed}
    server = resource.call("rds", operation, **named, **first).get("DBInstance", {})
    later = {name: value for name, value in wanted.items() if name not in allowed}
    if operation != "CreateDBInstance":
        later = {name: value for name, value in later.items() if name not in OF_THE_SOURCE}
    if later:
        resource.call("rds", "ModifyDBInstance", DBInstanceIdentifier=identifier, **later)
    resource.is_known_by(
        id=identifier,
        identifier=identifier,
        name=identifier,
        arn=server.get("DBInstanceArn"),
        resource_id=server.get("DbiResourceId"),
    )


def first_call(identifier, source, snapshot, moment):
    if source:
        named = {"DBInstanceIdentifier": identifier, "SourceDBInstanceIdentifier": source}
        return "CreateDBInstanceReadReplica", named
    if snapshot:
        named = {"DBInstanceIdentifier": identifier, "DBSnapshotIdentifier": snapshot}
        return "RestoreDBInstanceFromDBSnapshot", named
    if moment:
        named = {
            "TargetDBInstanceIdentifier": identifier,
            "SourceDBInstanceIdentifier": moment.get("source_db_instance_identifier"),
            "SourceDBInstanceAutomatedBackupsArn": moment.get("source_db_instance_automated_backups_arn"),
            "RestoreTime": moment.get("restore_time"),
            "UseLatestRestorableTime": moment.get("use_latest_restorable_time"),
        }
        return "RestoreDBInstanceToPointInTime", named
    return "CreateDBInstance", {"DBInstanceIdentifier": identifier}


def final_snapshot(resource, identifier):
    """Its name is used when the server goes: it is checked as if it went."""
    skip, name = resource.take("skip_final_snapshot", False), resource.take("final_snapshot_identifier")
    if not skip and not name:
        raise Refused("no final snapshot is named, and none is skipped")
    shape = resource.model("rds", "DeleteDBInstance").input_shape
    given = {"DBInstanceIdentifier": identifier, "SkipFinalSnapshot": skip}
    problems = value_problems(shape, {**given, **({"FinalDBSnapshotIdentifier": name} if name else {})})
    if problems:
        raise Refused("; ".join(problems))


def db_parameter_group(resource):
    name = resource.physical_name()
    resource.drop("skip_destroy")
    parameters = resource.take("parameter", [])
    group = resource.call(
        "rds",
        "CreateDBParameterGroup",
        DBParameterGroupName=name,
        DBParameterGroupFamily=resource.take("family"),
        Description=resource.take("description", "Managed by Pulumi"),
        Tags=resource.tags(),
    )["DBParameterGroup"]
    # RDS takes twenty a call.
    for start in range(0, len(parameters), 20):
        resource.call(
            "rds",
            "ModifyDBParameterGroup",
            DBParameterGroupName=name,
            Parameters=[
                {
                    "ParameterName": each["name"],
                    "ParameterValue": each["value"],
                    "ApplyMethod": each.get("apply_method", "immediate"),
                }
                for each in parameters[start : start + 20]
            ],
        )
    resource.is_known_by(id=name, name=name, arn=group["DBParameterGroupArn"])


def db_subnet_group(resource):
    name = resource.physical_name()
    group = resource.call(
        "rds",
        "CreateDBSubnetGroup",
        DBSubnetGroupName=name,
        DBSubnetGroupDescription=resource.take("description", "Managed by Pulumi"),
        SubnetIds=resource.take("subnet_ids"),
        Tags=resource.tags(),
    )["DBSubnetGroup"]
    resource.is_known_by(id=name, name=name, arn=group["DBSubnetGroupArn"])


def db_event_subscription(resource):
    name = resource.physical_name()
    resource.call(
        "rds",
        "CreateEventSubscription",
        SubscriptionName=name,
        SnsTopicArn=resource.take("sns_topic"),
        SourceType=resource.take("source_type"),
        SourceIds=resource.take("source_ids"),
        EventCategories=resource.take("event_categories"),
        Enabled=resource.take("enabled", True),
        Tags=resource.tags(),
    )
    resource.is_known_by(id=name, name=name)


def db_instance_automated_backups_replication(resource):
    resource.call(
        "rds",
        "StartDBInstanceAutomatedBackupsReplication",
        SourceDBInstanceArn=resource.take("source_db_instance_arn"),
        BackupRetentionPeriod=resource.take("retention_period"),
        KmsKeyId=resource.take("kms_key_id"),
    )
    resource.is_known_by(id=resource.name)
