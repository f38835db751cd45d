"""
Creates the AWS resources of plans, each in an empty simulated cloud in this process, by the calls of Pulumi's provider,
and checks the values and policies of these calls. Reads a JSON document, whose path is the argument, and writes a JSON
report for each plan.
"""

import json
import re
import sys

# Before moto.
from request import REQUEST

from moto import mock_aws

from cloud import Cloud, Refused, Resource, client_of
from makers import MAKERS
from policies import policy_problems
from templates import lint


def make(cloud, document):
    """@return the reasons for refusing the resource, one sentence each"""
    address = f"{document['type']}.{document['name']}"
    maker = MAKERS.get(document["type"])
    if maker is None:
        return [f"scan/aws/makers.py lacks the type {document['type']}"]
    try:
        resource = Resource(cloud, document)
        maker(resource)
    except (Refused, ValueError, KeyError) as error:
        return [f"{type(error).__name__}: {error}" if isinstance(error, KeyError) else str(error)]
    cloud.made.setdefault(address, {"id": resource.name})
    left = sorted(resource.values)
    return [f"no call uses {name} of {address}" for name in left]


def finding(document, text):
    return {"scanner": "calls", "check": "accepted", "object": f"{document['type']} {document['name']}", "text": text}


def given_network(resources):
    """Creates the existing network that the stack refers to. @return the simulated id for each of its ids"""
    given = {}
    for region in {each["region"] for each in resources}:
        text = json.dumps([each["values"] for each in resources if each["region"] == region])
        ids = sorted(set(re.findall(r"\b(?:vpc|subnet|sg)-[0-9a-f]{8,17}\b", text)))
        if not ids:
            continue
        ec2 = client_of("ec2", region)
        zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]]
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        for index, known in enumerate(ids):
            if known.startswith("vpc-"):
                made = vpc
            elif known.startswith("subnet-"):
                zone = zones[index % len(zones)]
                made = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{index}.0/24", AvailabilityZone=zone)
                made = made["Subnet"]["SubnetId"]
            else:
                made = ec2.create_security_group(GroupName=known, Description=known, VpcId=vpc)["GroupId"]
            given[(region, known)] = made
    return given


def given_servers(resources):
    """Creates the source server of a restore, which is no longer part of a plan."""
    for each in resources:
        moment = each["values"].get("restore_to_point_in_time")
        source = moment and moment.get("source_db_instance_identifier")
        if source:
            client = client_of("rds", each["region"])
            client.create_db_instance(
                DBInstanceIdentifier=source,
                Engine="postgres",
                DBInstanceClass="db.m7g.large",
                AllocatedStorage=20,
                MasterUsername="sark_master",
                MasterUserPassword="of-the-source-0",
                BackupRetentionPeriod=7,
            )


def judge(resources):
    """Creates the resources in an empty simulated cloud, and returns the report."""
    # Loads AWS's managed policies, so that an unknown one is refused. This takes half a second.
    attached = any(each["type"] == "aws_iam_role_policy_attachment" for each in resources)
    with mock_aws(config={"iam": {"load_aws_managed_policies": attached}}):
        cloud = Cloud(given=given_network(resources))
        given_servers(resources)
        findings = [finding(document, text) for document in resources for text in make(cloud, document)]
    findings += lint(cloud.calls)
    findings += [
        {"scanner": "policies", "check": "statement", "object": call.address.replace(".", " ", 1), "text": text}
        for call, text in policy_problems(cloud.calls)
    ]
    unanswered = {" ".join(call): answered for call, answered in sorted(cloud.unanswered.items())}
    return {
        "findings": findings,
        "calls": len(cloud.calls),
        "unanswered": list(unanswered),
        "answeredAfterAll": [call for call, answered in unanswered.items() if answered],
    }


json.dump([judge(resources) for resources in REQUEST["plans"]], sys.stdout)
