"""Translates the calls to CloudFormation, for cfn-lint's checks of classes, versions, ranges and policies."""

import json
import re
import warnings
from functools import cache

with warnings.catch_warnings(action="ignore"):
    from cfnlint.config import ConfigMixIn
    from cfnlint.decode.decode import decode_str
    from cfnlint.runner import Runner, run_template_by_data

from cloud import HIDDEN

# Calls for which cfn-lint checks nothing beyond AWS's models.
LEFT_OUT = {
    "eks CreatePodIdentityAssociation",
    "rds StartDBInstanceAutomatedBackupsReplication",
    "s3 PutBucketNotificationConfiguration",
    "s3 PutBucketReplication",
    "secretsmanager PutSecretValue",
    "sns Subscribe",
}


# W3010 forbids zone names in templates for any region; a plan has a fixed region.
IGNORED = ["W3010"]


class Template:
    """The CloudFormation resources of a region."""

    def __init__(self):
        self.resources = {}
        self.addresses = {}
        self.known = {}

    def make(self, call, kind, properties, name=None):
        logical = re.sub(r"[^A-Za-z0-9]", "", f"{call.address}.{kind}".title())
        # Tags differ in shape between resources, and cfn-lint has no check for them.
        properties.pop("Tags", None)
        self.resources[logical] = {"Type": kind, "Properties": properties}
        self.addresses[logical] = call.address
        if name is not None:
            self.known[(kind, name)] = properties

    def of(self, kind, name):
        """Properties of a resource that an earlier call created."""
        return self.known[(kind, name)]

    def decoded(self):
        """The template as cfn-lint reads it, with locations, and with hidden values as dynamic references."""
        document = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": self.resources}
        template, _ = decode_str(json.dumps(document).replace(HIDDEN, "{{resolve:secretsmanager:hidden}}"))
        return template


def server(name_parameter="DBInstanceIdentifier"):
    def make(template, call):
        properties = dict(call.parameters)
        name = properties.pop(name_parameter)
        properties["DBInstanceIdentifier"] = name
        template.make(call, "AWS::RDS::DBInstance", in_cloudformation(properties), name)

    return make


def in_cloudformation(properties):
    named = {"VpcSecurityGroupIds": "VPCSecurityGroups"}
    key = properties.pop("MasterUserSecretKmsKeyId", None)
    inner = {"MasterUserSecret": {"KmsKeyId": key}} if key else {}
    return {named.get(name, name): value for name, value in properties.items()} | inner


def changed_server(template, call):
    properties = dict(call.parameters)
    known = template.of("AWS::RDS::DBInstance", properties.pop("DBInstanceIdentifier"))
    if "SourceDBInstanceIdentifier" in known or "DBSnapshotIdentifier" in known:
        # CloudFormation cannot express a password that is set after a restore.
        properties.pop("MasterUserPassword", None)
    known.update(in_cloudformation(properties))


def changed_parameters(template, call):
    group = template.of("AWS::RDS::DBParameterGroup", call.parameters["DBParameterGroupName"])
    for each in call.parameters["Parameters"]:
        group.setdefault("Parameters", {})[each["ParameterName"]] = each["ParameterValue"]


def same(kind, name=None, renamed=None, without=(), parsed=()):
    """A resource whose properties are the call's parameters, except for renamed, omitted and JSON ones."""

    def make(template, call):
        properties = {
            (renamed or {}).get(key, key): json.loads(value) if key in parsed else value
            for key, value in call.parameters.items()
            if key not in without
        }
        template.make(call, kind, properties, call.parameters.get(name) if name else None)

    return make


def of_bucket(name, parameter, convert=lambda value: value):
    def add(template, call):
        properties = template.of("AWS::S3::Bucket", call.parameters["Bucket"])
        properties[name] = convert(call.parameters[parameter])

    return add


def encryption(configuration):
    renamed = [
        {
            "ServerSideEncryptionByDefault": rule["ApplyServerSideEncryptionByDefault"],
            **({"BucketKeyEnabled": rule["BucketKeyEnabled"]} if "BucketKeyEnabled" in rule else {}),
        }
        for rule in configuration["Rules"]
    ]
    return {"ServerSideEncryptionConfiguration": renamed}


def logging(status):
    enabled = status["LoggingEnabled"]
    return {"DestinationBucketName": enabled["TargetBucket"], "LogFilePrefix": enabled["TargetPrefix"]}


def lifecycle(configuration):
    return {"Rules": [lifecycle_rule(rule) for rule in configuration["Rules"]]}


def lifecycle_rule(rule):
    properties = {"Id": rule["ID"], "Status": rule["Status"]}
    expiration = rule.get("Expiration", {})
    if "Days" in expiration:
        properties["ExpirationInDays"] = expiration["Days"]
    if "ExpiredObjectDeleteMarker" in expiration:
        properties["ExpiredObjectDeleteMarker"] = expiration["ExpiredObjectDeleteMarker"]
    moves = [
        {"StorageClass": each["StorageClass"], "TransitionInDays": each["Days"]}
        for each in rule.get("Transitions", [])
    ]
    moves_of_old = [
        {"StorageClass": each["StorageClass"], "TransitionInDays": each["NoncurrentDays"]}
        for each in rule.get("NoncurrentVersionTransitions", [])
    ]
    if moves:
        properties["Transitions"] = moves
    if moves_of_old:
        properties["NoncurrentVersionTransitions"] = moves_of_old
    for name in ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"):
        if name in rule:
            properties[name] = rule[name]
    return properties


def rotated_key(template, call):
    *_, last = (each for each in template.resources.values() if each["Type"] == "AWS::KMS::Key")
    last["Properties"]["EnableKeyRotation"] = True


def role_policy(template, call):
    given = call.parameters
    policy = {"PolicyName": given["PolicyName"], "PolicyDocument": json.loads(given["PolicyDocument"])}
    template.of("AWS::IAM::Role", given["RoleName"]).setdefault("Policies", []).append(policy)


def attached_policy(template, call):
    properties = template.of("AWS::IAM::Role", call.parameters["RoleName"])
    properties.setdefault("ManagedPolicyArns", []).append(call.parameters["PolicyArn"])


def vault_part(name, convert):
    def add(template, call):
        vault = template.of("AWS::Backup::BackupVault", call.parameters["BackupVaultName"])
        vault[name] = convert(call.parameters)

    return add


def without_name(parameters):
    return {name: value for name, value in parameters.items() if name != "BackupVaultName"}


def backup_plan(template, call):
    plan = call.parameters["BackupPlan"]
    rules = [
        {("TargetBackupVault" if name == "TargetBackupVaultName" else name): value for name, value in rule.items()}
        for rule in plan["Rules"]
    ]
    inner = {"BackupPlanName": plan["BackupPlanName"], "BackupPlanRule": rules}
    template.make(call, "AWS::Backup::BackupPlan", {"BackupPlan": inner})


def topic(template, call):
    given = call.parameters
    attributes = {
        name: value for name, value in given.get("Attributes", {}).items() if name != "Policy"
    }
    template.make(call, "AWS::SNS::Topic", {"TopicName": given["Name"], **attributes}, given["Name"])


def topic_policy(template, call):
    given = call.parameters
    properties = {"Topics": [given["TopicArn"]], "PolicyDocument": json.loads(given["AttributeValue"])}
    template.make(call, "AWS::SNS::TopicPolicy", properties)


def kept_logs(template, call):
    group = template.of("AWS::Logs::LogGroup", call.parameters["logGroupName"])
    group["RetentionInDays"] = call.parameters["retentionInDays"]


def opening(template, call):
    (permission,) = call.parameters["IpPermissions"]
    common = {name: permission[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in permission}
    for each in permission.get("UserIdGroupPairs", []):
        other = {"SourceSecurityGroupId": each["GroupId"], "GroupId": call.parameters["GroupId"]}
        template.make(call, "AWS::EC2::SecurityGroupIngress", {**common, **other})


TRANSLATED = {
    "rds CreateDBInstance": server(),
    "rds CreateDBInstanceReadReplica": server(),
    "rds RestoreDBInstanceFromDBSnapshot": server(),
    "rds RestoreDBInstanceToPointInTime": server("TargetDBInstanceIdentifier"),
    "rds ModifyDBInstance": changed_server,
    "rds CreateDBParameterGroup": same(
        "AWS::RDS::DBParameterGroup", "DBParameterGroupName", {"DBParameterGroupFamily": "Family"}
    ),
    "rds ModifyDBParameterGroup": changed_parameters,
    "rds CreateDBSubnetGroup": same("AWS::RDS::DBSubnetGroup"),
    "rds CreateEventSubscription": same("AWS::RDS::EventSubscription"),
    "s3 CreateBucket": same(
        "AWS::S3::Bucket",
        "Bucket",
        {"Bucket": "BucketName", "ObjectLockEnabledForBucket": "ObjectLockEnabled"},
        without=("CreateBucketConfiguration",),
    ),
    "s3 PutBucketVersioning": of_bucket("VersioningConfiguration", "VersioningConfiguration"),
    "s3 PutPublicAccessBlock": of_bucket("PublicAccessBlockConfiguration", "PublicAccessBlockConfiguration"),
    "s3 PutBucketOwnershipControls": of_bucket("OwnershipControls", "OwnershipControls"),
    "s3 PutBucketEncryption": of_bucket("BucketEncryption", "ServerSideEncryptionConfiguration", encryption),
    "s3 PutBucketLogging": of_bucket("LoggingConfiguration", "BucketLoggingStatus", logging),
    "s3 PutObjectLockConfiguration": of_bucket("ObjectLockConfiguration", "ObjectLockConfiguration"),
    "s3 PutBucketLifecycleConfiguration": of_bucket(
        "LifecycleConfiguration", "LifecycleConfiguration", lifecycle
    ),
    "s3 PutBucketPolicy": same(
        "AWS::S3::BucketPolicy", renamed={"Policy": "PolicyDocument"}, parsed=("Policy",)
    ),
    "kms CreateKey": same("AWS::KMS::Key", renamed={"Policy": "KeyPolicy"}, parsed=("Policy",)),
    "kms EnableKeyRotation": rotated_key,
    "kms CreateAlias": same("AWS::KMS::Alias"),
    "iam CreateRole": same("AWS::IAM::Role", "RoleName", parsed=("AssumeRolePolicyDocument",)),
    "iam PutRolePolicy": role_policy,
    "iam AttachRolePolicy": attached_policy,
    "backup CreateBackupVault": same("AWS::Backup::BackupVault", "BackupVaultName"),
    "backup PutBackupVaultLockConfiguration": vault_part("LockConfiguration", without_name),
    "backup PutBackupVaultAccessPolicy": vault_part("AccessPolicy", lambda given: json.loads(given["Policy"])),
    "backup CreateBackupPlan": backup_plan,
    "backup CreateBackupSelection": same("AWS::Backup::BackupSelection"),
    "cloudwatch PutDashboard": same("AWS::CloudWatch::Dashboard"),
    "cloudwatch PutMetricAlarm": same("AWS::CloudWatch::Alarm"),
    "sns CreateTopic": topic,
    "sns SetTopicAttributes": topic_policy,
    "secretsmanager CreateSecret": same(
        "AWS::SecretsManager::Secret", renamed={"AddReplicaRegions": "ReplicaRegions"}
    ),
    "secretsmanager PutResourcePolicy": same(
        "AWS::SecretsManager::ResourcePolicy", without=("BlockPublicPolicy",), parsed=("ResourcePolicy",)
    ),
    "logs CreateLogGroup": same(
        "AWS::Logs::LogGroup",
        "logGroupName",
        {"logGroupName": "LogGroupName", "kmsKeyId": "KmsKeyId"},
        without=("tags",),
    ),
    "logs PutRetentionPolicy": kept_logs,
    "ec2 CreateSecurityGroup": same(
        "AWS::EC2::SecurityGroup", renamed={"Description": "GroupDescription"}, without=("TagSpecifications",)
    ),
    "ec2 AuthorizeSecurityGroupIngress": opening,
}


def templates(calls):
    """Templates by region. @raise KeyError for a call that is neither translated nor listed in LEFT_OUT"""
    regions = {}
    for call in calls:
        if call.operation not in LEFT_OUT:
            TRANSLATED[call.operation](regions.setdefault(call.region, Template()), call)
    return regions


def lint(calls):
    """The findings of cfn-lint."""
    return [
        finding(template, match)
        for region, template in templates(calls).items()
        for match in run_template_by_data(template.decoded(), configuration(region), rules())
    ]


def configuration(region):
    return ConfigMixIn(regions=[region], ignore_checks=IGNORED)


@cache
def rules():
    """cfn-lint's rules. Cached, because loading takes a second."""
    return Runner(ConfigMixIn([])).rules


def finding(template, match):
    path = [str(each) for each in match.path or []]
    logical = path[1] if len(path) > 1 else ""
    kind, _, name = template.addresses.get(logical, "").partition(".")
    where = ".".join(path[3:])
    text = f"{where}: {match.message}" if where else match.message
    return {"scanner": "cfn-lint", "check": match.rule.id, "object": f"{kind} {name}", "text": text}
