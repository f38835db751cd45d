"""
Creates the AWS resources of plans, each in an empty simulated cloud in this process, and makes calls there. The cloud
keeps objects, versions and locks, but evaluates no policy: the caller makes only calls that policies allow. Reads a JSON
document, whose path is the first argument, and writes the answers and the versions of every bucket. The second argument is
the folder scan/aws.
"""

import json
import sys

sys.path.insert(0, sys.argv[2])

# Before moto.
from request import REQUEST  # noqa: E402

from botocore.exceptions import ClientError  # noqa: E402
from moto import mock_aws  # noqa: E402

from cloud import Cloud, Resource, client_of  # noqa: E402
from makers import MAKERS  # noqa: E402


def versions_of(s3, bucket):
    """All versions, newest first, with their content and the end of their lock."""
    listed = s3.list_object_versions(Bucket=bucket)
    markers = [{"key": each["Key"], "marker": True} for each in listed.get("DeleteMarkers", [])]
    return markers + [version_of(s3, bucket, each) for each in listed.get("Versions", [])]


def version_of(s3, bucket, listed):
    found = s3.get_object(Bucket=bucket, Key=listed["Key"], VersionId=listed["VersionId"])
    until = found.get("ObjectLockRetainUntilDate")
    return {
        "key": listed["Key"],
        "id": listed["VersionId"],
        "body": found["Body"].read().decode(),
        "encryption": found.get("ServerSideEncryption"),
        "mode": found.get("ObjectLockMode"),
        "lockedDays": until and round((until - found["LastModified"]).total_seconds() / 86400),
    }


def make_call(client, call):
    """@return the code of the error, or nothing"""
    given = dict(call["parameters"])
    if given.get("VersionId") == "first":
        known = [each for each in versions_of(client, given["Bucket"]) if each["key"] == given["Key"]]
        given["VersionId"] = known[-1]["id"]
    try:
        getattr(client, call["method"])(**given)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""


def attack(plan):
    with mock_aws(config={"iam": {"load_aws_managed_policies": False}}):
        cloud = Cloud()
        for document in plan["resources"]:
            MAKERS[document["type"]](Resource(cloud, document))
        regions = {
            cloud.made[f"{each['type']}.{each['name']}"]["id"]: each["region"]
            for each in plan["resources"]
            if each["type"] == "aws_s3_bucket"
        }
        answers = [make_call(client_of("s3", regions[call["parameters"]["Bucket"]]), call) for call in plan["calls"]]
        return {
            "answers": answers,
            "versions": {bucket: versions_of(client_of("s3", region), bucket) for bucket, region in regions.items()},
        }


json.dump([attack(plan) for plan in REQUEST["plans"]], sys.stdout)
