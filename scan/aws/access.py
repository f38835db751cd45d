"""Calls that make keys, roles, secrets, and openings of the network."""

from storage import known


def kms_key(resource):
    resource.drop("bypass_policy_lockout_safety_check")
    window, rotation = resource.take("deletion_window_in_days"), resource.take("enable_key_rotation")
    key = resource.call(
        "kms",
        "CreateKey",
        Description=resource.take("description"),
        Policy=resource.take("policy"),
        KeyUsage=resource.take("key_usage"),
        MultiRegion=resource.take("multi_region"),
        Tags=resource.tags("TagKey", "TagValue"),
    )["KeyMetadata"]
    if rotation:
        period = resource.take("rotation_period_in_days")
        resource.call("kms", "EnableKeyRotation", KeyId=key["KeyId"], RotationPeriodInDays=period)
    resource.is_known_by(id=key["KeyId"], key_id=key["KeyId"], arn=key["Arn"])
    if window is not None:
        # The range of the days is in no model: RDS, S3 and Backup would lose their key sooner than anyone notices.
        if not 7 <= window <= 30:
            raise ValueError(f"deletion_window_in_days is {window}, and KMS takes 7 to 30")


def kms_alias(resource):
    name = resource.take("name")
    resource.call("kms", "CreateAlias", AliasName=name, TargetKeyId=resource.take("target_key_id"))
    resource.is_known_by(id=name, name=name)


def iam_role(resource):
    name = resource.physical_name()
    resource.drop("force_detach_policies")
    role = resource.call(
        "iam",
        "CreateRole",
        RoleName=name,
        AssumeRolePolicyDocument=resource.take("assume_role_policy"),
        Description=resource.take("description"),
        MaxSessionDuration=resource.take("max_session_duration"),
        PermissionsBoundary=resource.take("permissions_boundary"),
        Path=resource.take("path"),
        Tags=resource.tags(),
    )["Role"]
    resource.is_known_by(id=name, name=name, arn=role["Arn"])


def iam_role_policy(resource):
    resource.call(
        "iam",
        "PutRolePolicy",
        RoleName=resource.take("role"),
        PolicyName=resource.physical_name(),
        PolicyDocument=resource.take("policy"),
    )
    resource.is_known_by(id=resource.name)


def iam_role_policy_attachment(resource):
    role, policy = resource.take("role"), resource.take("policy_arn")
    resource.call("iam", "AttachRolePolicy", RoleName=role, PolicyArn=policy)
    resource.is_known_by(id=resource.name)


def secretsmanager_secret(resource):
    name = resource.physical_name()
    window = resource.take("recovery_window_in_days", 30)
    secret = resource.call(
        "secretsmanager",
        "CreateSecret",
        Name=name,
        Description=resource.take("description"),
        KmsKeyId=resource.take("kms_key_id"),
        Tags=resource.tags(),
        AddReplicaRegions=[
            known({"Region": each["region"], "KmsKeyId": each.get("kms_key_id")})
            for each in resource.take("replica", [])
        ],
    )
    if window != 0 and not 7 <= window <= 30:
        raise ValueError(f"recovery_window_in_days is {window}, and Secrets Manager takes 0, or 7 to 30")
    resource.is_known_by(id=secret["ARN"], arn=secret["ARN"], name=name)


def secretsmanager_secret_version(resource):
    version = resource.call(
        "secretsmanager",
        "PutSecretValue",
        SecretId=resource.take("secret_id"),
        SecretString=resource.take("secret_string"),
        VersionStages=resource.take("version_stages"),
    )
    resource.is_known_by(id=version["VersionId"], arn=version["ARN"], version_id=version["VersionId"])


def secretsmanager_secret_policy(resource):
    resource.call(
        "secretsmanager",
        "PutResourcePolicy",
        SecretId=resource.take("secret_arn"),
        ResourcePolicy=resource.take("policy"),
        BlockPublicPolicy=resource.take("block_public_policy"),
    )
    resource.is_known_by(id=resource.name)


def eks_pod_identity_association(resource):
    resource.call(
        "eks",
        "CreatePodIdentityAssociation",
        clusterName=resource.take("cluster_name"),
        namespace=resource.take("namespace"),
        serviceAccount=resource.take("service_account"),
        roleArn=resource.take("role_arn"),
        tags=resource.take("tags"),
    )
    resource.is_known_by(id=resource.name)


def security_group(resource):
    name = resource.physical_name()
    resource.drop("revoke_rules_on_delete")
    tags = resource.tags()
    group = resource.call(
        "ec2",
        "CreateSecurityGroup",
        GroupName=name,
        Description=resource.take("description"),
        VpcId=resource.take("vpc_id"),
        TagSpecifications=[{"ResourceType": "security-group", "Tags": tags}] if tags else None,
    )
    resource.is_known_by(id=group["GroupId"], name=name, arn=group.get("SecurityGroupArn"))


def vpc_security_group_ingress_rule(resource):
    description = {"Description": resource.take("description")}
    other, address = resource.take("referenced_security_group_id"), resource.take("cidr_ipv4")
    tags = resource.tags()
    permission = {
        "IpProtocol": resource.take("ip_protocol"),
        "FromPort": resource.take("from_port"),
        "ToPort": resource.take("to_port"),
        "UserIdGroupPairs": [known({"GroupId": other, **description})] if other else None,
        "IpRanges": [known({"CidrIp": address, **description})] if address else None,
    }
    resource.call(
        "ec2",
        "AuthorizeSecurityGroupIngress",
        GroupId=resource.take("security_group_id"),
        IpPermissions=[known(permission)],
        TagSpecifications=[{"ResourceType": "security-group-rule", "Tags": tags}] if tags else None,
    )
    resource.is_known_by(id=resource.name)
