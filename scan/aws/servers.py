"""The calls that create RDS instances and their parameter groups."""

from cloud import Refused, one
from models import value_problems

# Arguments of a server with different names in RDS's calls.
SERVER = {
    "backup_window": "PreferredBackupWindow",
    "ca_cert_identifier": "CACertificateIdentifier",
    "enabled_cloudwatch_logs_exports": "EnableCloudwatchLogsExports",
    "iam_database_authentication_enabled": "EnableIAMDatabaseAuthentication",
    "instance_class": "DBInstanceClass",
    "maintenance_window": "PreferredMaintenanceWindow",
    "parameter_group_name": "DBParameterGroupName",
    "password": "MasterUserPassword",
    "performance_insights_enabled": "EnablePerformanceInsights",
    "replicate_source_db": "SourceDBInstanceIdentifier",
    "snapshot_identifier": "DBSnapshotIdentifier",
    "username": "MasterUsername",
}

# Properties that a replica or a restored server inherits from its source.
OF_THE_SOURCE = ("storage_encrypted", "engine", "engine_version", "username", "allocated_storage", "kms_key_id")


def db_instance(resource):
    """A new server, a replica, or a restored server. A modify call sets properties that the first call lacks."""
    identifier, moment = resource.take("identifier"), resource.take("restore_to_point_in_time")
    final_snapshot(resource, identifier)
    operation, own = "CreateDBInstance", {"DBInstanceIdentifier": identifier}
    source = resource.values.get("replicate_source_db")
    if source:
        operation = "CreateDBInstanceReadReplica"
        if source.startswith("arn:"):
            own["SourceRegion"] = source.split(":")[3]
    elif "snapshot_identifier" in resource.values:
        operation = "RestoreDBInstanceFromDBSnapshot"
    elif moment:
        operation, own = "RestoreDBInstanceToPointInTime", {"TargetDBInstanceIdentifier": identifier}
        resource.values.update(moment)
    server = resource.send("rds", operation, SERVER, **own).get("DBInstance", {})
    if operation != "CreateDBInstance":
        resource.drop(*OF_THE_SOURCE)
    later = resource.taken(resource.model("rds", "ModifyDBInstance").input_shape, SERVER)
    if later:
        resource.call("rds", "ModifyDBInstance", DBInstanceIdentifier=identifier, **later)
    resource.is_known_by(
        id=identifier,
        identifier=identifier,
        name=identifier,
        arn=server.get("DBInstanceArn"),
        resource_id=server.get("DbiResourceId"),
    )


def final_snapshot(resource, identifier):
    """Checks the name of the final snapshot, as if the server were deleted."""
    skip, name = resource.take("skip_final_snapshot", False), resource.take("final_snapshot_identifier")
    if not skip and not name:
        raise Refused("set final_snapshot_identifier or skip_final_snapshot")
    shape = resource.model("rds", "DeleteDBInstance").input_shape
    given = {"DBInstanceIdentifier": identifier, "SkipFinalSnapshot": skip}
    problems = value_problems(shape, {**given, **({"FinalDBSnapshotIdentifier": name} if name else {})})
    if problems:
        raise Refused("; ".join(problems))


def db_parameter_group(resource):
    parameters = resource.take("parameter", [])
    one(
        "rds",
        "CreateDBParameterGroup",
        {"family": "DBParameterGroupFamily"},
        named="DBParameterGroupName",
        known={"arn": "DBParameterGroup.DBParameterGroupArn"},
    )(resource)
    name = resource.cloud.made[resource.address]["name"]
    # RDS accepts 20 parameters per call.
    for start in range(0, len(parameters), 20):
        resource.values["parameters"] = parameters[start : start + 20]
        names = {"name": "ParameterName", "value": "ParameterValue"}
        resource.send("rds", "ModifyDBParameterGroup", names, DBParameterGroupName=name)
