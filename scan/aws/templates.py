"""The calls once more as CloudFormation, for what cfn-lint knows of values: classes, versions, ranges."""

import json
import re
import warnings
from functools import cache

with warnings.catch_warnings(action="ignore"):
    from cfnlint.config import ConfigMixIn
    from cfnlint.decode.decode import decode_str
    from cfnlint.runner import Runner, run_template_by_data

from cloud import HIDDEN

# Calls whose values cfn-lint knows no more of than AWS's own models, `values` and `policies` do.
LEFT_OUT = {
    "backup CreateBackupPlan",
    "backup PutBackupVaultAccessPolicy",
    "backup PutBackupVaultLockConfiguration",
    "ec2 AuthorizeSecurityGroupIngress",
    "eks CreatePodIdentityAssociation",
    "iam AttachRolePolicy",
    "iam PutRolePolicy",
    "kms EnableKeyRotation",
    "rds StartDBInstanceAutomatedBackupsReplication",
    "s3 PutBucketEncryption",
    "s3 PutBucketLifecycleConfiguration",
    "s3 PutBucketLogging",
    "s3 PutBucketNotificationConfiguration",
    "s3 PutBucketOwnershipControls",
    "s3 PutBucketReplication",
    "s3 PutBucketVersioning",
    "s3 PutObjectLockConfiguration",
    "s3 PutPublicAccessBlock",
    "secretsmanager PutSecretValue",
    "sns CreateTopic",
    "sns SetTopicAttributes",
    "sns Subscribe",
}


# A zone by its name is wrong in a template for any region, which a plan is not.
IGNORED = ["W3010"]


class Template:
    """The resources of a region."""

    def __init__(self):
        self.resources = {}
        self.addresses = {}
        self.known = {}

    def make(self, call, kind, properties, name=None):
        logical = re.sub(r"[^A-Za-z0-9]", "", f"{call.address}.{kind}".title())
        # Tags have another shape each time, and nothing to be found in them.
        properties.pop("Tags", None)
        self.resources[logical] = {"Type": kind, "Properties": properties}
        self.addresses[logical] = call.address
        if name is not None:
            self.known[(kind, name)] = properties

    def of(self, kind, name):
        """Properties of a resource that an earlier call has made."""
        return self.known[(kind, name)]

    def decoded(self):
        """As cfn-lint reads it: with places, and with what is hidden named as such."""
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
        # CloudFormation has no word for a password that a restored server is given afterwards.
        properties.pop("MasterUserPassword", None)
    known.update(in_cloudformation(properties))


def changed_parameters(template, call):
    group = template.of("AWS::RDS::DBParameterGroup", call.parameters["DBParameterGroupName"])
    for each in call.parameters["Parameters"]:
        group.setdefault("Parameters", {})[each["ParameterName"]] = each["ParameterValue"]


def same(kind, name=None, renamed=None, without=(), parsed=()):
    """A resource whose properties are the call's parameters, but for some names, and for policies in JSON."""

    def make(template, call):
        properties = {
            (renamed or {}).get(key, key): json.loads(value) if key in parsed else value
            for key, value in call.parameters.items()
            if key not in without
        }
        template.make(call, kind, properties, call.parameters.get(name) if name else None)

    return make


def kept_logs(template, call):
    group = template.of("AWS::Logs::LogGroup", call.parameters["logGroupName"])
    group["RetentionInDays"] = call.parameters["retentionInDays"]


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
        renamed={"Bucket": "BucketName", "ObjectLockEnabledForBucket": "ObjectLockEnabled"},
        without=("CreateBucketConfiguration",),
    ),
    "s3 PutBucketPolicy": same(
        "AWS::S3::BucketPolicy", renamed={"Policy": "PolicyDocument"}, parsed=("Policy",)
    ),
    "kms CreateKey": same("AWS::KMS::Key", renamed={"Policy": "KeyPolicy"}, parsed=("Policy",)),
    "kms CreateAlias": same("AWS::KMS::Alias"),
    "iam CreateRole": same("AWS::IAM::Role", parsed=("AssumeRolePolicyDocument",)),
    "backup CreateBackupVault": same("AWS::Backup::BackupVault"),
    "backup CreateBackupSelection": same("AWS::Backup::BackupSelection"),
    "cloudwatch PutMetricAlarm": same("AWS::CloudWatch::Alarm"),
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
}


def templates(calls):
    """By region. @raise KeyError for a call that is neither translated nor left out by name"""
    regions = {}
    for call in calls:
        if call.operation not in LEFT_OUT:
            TRANSLATED[call.operation](regions.setdefault(call.region, Template()), call)
    return regions


def lint(calls):
    """What cfn-lint objects to."""
    return [
        finding(template, match)
        for region, template in templates(calls).items()
        for match in run_template_by_data(template.decoded(), configuration(region), rules())
    ]


def configuration(region):
    return ConfigMixIn(regions=[region], ignore_checks=IGNORED)


@cache
def rules():
    """Loaded once: they take a second."""
    return Runner(ConfigMixIn([])).rules


def finding(template, match):
    path = [str(each) for each in match.path or []]
    logical = path[1] if len(path) > 1 else ""
    kind, _, name = template.addresses.get(logical, "").partition(".")
    where = ".".join(path[3:])
    text = f"{where}: {match.message}" if where else match.message
    return {"scanner": "cfn-lint", "check": match.rule.id, "object": f"{kind} {name}", "text": text}
