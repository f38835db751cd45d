"""
Allowed values that AWS documents but its models lack: for RDS for PostgreSQL, AWS Backup, SNS and EC2. Sources: the API
references of CreateDBInstance, CreateDBParameterGroup, BackupRuleInput and Subscribe. Event categories are in
components/homes/aws/monitoring/plan/rds-events.ts.
"""

import re

FIELD = r"[\w*?,/#-]+"
SERVER = {
    "AllocatedStorage": range(20, 65537),
    "CACertificateIdentifier": r"rds-ca-(rsa2048|rsa4096|ecc384)-g1",
    "Engine": r"postgres",
    "Iops": range(1000, 256001),
    "MasterUsername": r"(?!rdsadmin$|postgres$|admin$)[a-z][a-z0-9_]{0,62}",
    "MonitoringInterval": (0, 1, 5, 10, 15, 30, 60),
    "NetworkType": r"IPV4|DUAL",
    "Port": range(1150, 65536),
    "StorageThroughput": range(125, 4001),
    "StorageType": r"gp2|gp3|io1|io2|standard",
}
LOGS = {"postgresql", "upgrade", "iam-db-auth-error"}
PROTOCOLS = ("email", "email-json", "https", "sqs", "lambda", "firehose", "sms", "application")


def documented_problems(operation, parameters):
    """One sentence for each value outside the documented ones."""
    for name, allowed in SERVER.items():
        if "DBInstance" in operation and name in parameters and not fits(parameters[name], allowed):
            yield f"{name} is {parameters[name]!r}; allowed: {allowed}"
    for log in set(parameters.get("EnableCloudwatchLogsExports", [])) - LOGS:
        yield f"EnableCloudwatchLogsExports has {log!r}; allowed for PostgreSQL: {sorted(LOGS)}"
    if operation.endswith(("CreateDBInstance", "ReadReplica", "PointInTime", "Snapshot")):
        yield from volume_problems(parameters)
    if operation == "rds CreateDBParameterGroup":
        family = parameters["DBParameterGroupFamily"]
        if not re.fullmatch(r"postgres1[6-8]", family):
            yield f"DBParameterGroupFamily is {family!r}; allowed: postgres16 to postgres18"
    if operation == "sns Subscribe" and parameters["Protocol"] not in PROTOCOLS:
        yield f"Protocol is {parameters['Protocol']!r}; allowed: {PROTOCOLS}"
    for permission in parameters.get("IpPermissions", []):
        ports = [permission.get(name) for name in ("FromPort", "ToPort")]
        if permission["IpProtocol"] not in ("tcp", "udp", "icmp", "-1") or not all(
            port is None or port in range(65536) for port in ports
        ):
            yield f"{permission['IpProtocol']} {ports} is not a protocol with valid ports"
    if operation == "backup CreateBackupPlan":
        for rule in parameters["BackupPlan"]["Rules"]:
            if not re.fullmatch(rf"cron\({FIELD}( {FIELD}){{5}}\)", rule["ScheduleExpression"]):
                yield f"ScheduleExpression is {rule['ScheduleExpression']!r}; it must be cron() with six fields"


def fits(value, allowed):
    return re.fullmatch(allowed, value) is not None if isinstance(allowed, str) else value in allowed


def volume_problems(parameters):
    """Limits of gp3 volumes. Below 400 GiB, IOPS (3000) and throughput (125 MiB/s) are fixed."""
    size, operations = parameters.get("AllocatedStorage"), parameters.get("Iops")
    if size is None or parameters.get("StorageType") != "gp3" or operations is None:
        return
    if size < 400:
        yield f"Iops is {operations} for a gp3 volume of {size} GiB; it can be set from 400 GiB"
    elif not 12_000 <= operations <= 64_000:
        yield f"Iops is {operations} for a gp3 volume; allowed: 12000 to 64000"
    elif not 500 <= parameters.get("StorageThroughput", 500) <= min(4000, operations // 4):
        most = min(4000, operations // 4)
        yield f"StorageThroughput is {parameters['StorageThroughput']} at {operations} IOPS; allowed: 500 to {most}"
