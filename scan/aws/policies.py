"""Consistency checks of policies: actions with resources, conditions with services, principals with roles."""

import fnmatch
import json
import re
from functools import cache

from policy_sentry.querying.actions import get_action_data, get_actions_for_service
from policy_sentry.querying.conditions import get_condition_keys_for_service

# Call parameters that contain policies.
DOCUMENTS = ("Policy", "PolicyDocument", "AssumeRolePolicyDocument", "ResourcePolicy", "AttributeValue")
# Condition keys that the tables lack, and keys with a variable part.
MORE_CONDITIONS = ("s3:TlsVersion", "kms:EncryptionContext:*", "sts:ExternalId", "oidc.*")


def policy_problems(calls):
    """Problems, each with its call."""
    roles = {
        f"role/{call.parameters['RoleName']}" for call in calls if call.operation == "iam CreateRole"
    }
    for call in calls:
        for name in DOCUMENTS:
            text = call.parameters.get(name)
            if isinstance(text, str) and text.startswith("{"):
                for statement in statements_of(text):
                    for problem in statement_problems(statement, roles):
                        yield call, f"{statement.get('Sid', 'a statement')}: {problem}"


def statements_of(text):
    statements = json.loads(text)["Statement"]
    return statements if isinstance(statements, list) else [statements]


def statement_problems(statement, roles):
    patterns = several(statement.get("Action", statement.get("NotAction")))
    actions = [action for pattern in patterns for action in expanded(pattern)]
    resources = several(statement.get("Resource"))
    if allows_everybody(statement):
        # Checkov does not read JSON policies of keys and topics.
        yield "allows everybody"
    if not actions:
        yield f"unknown action {patterns}"
    elif resources not in ([], ["*"]):
        yield from resource_problems(patterns, actions, resources)
    services = {action.split(":")[0] for action in actions}
    for operator in statement.get("Condition", {}).values():
        for key in operator:
            if not known_condition(key, services):
                yield f"{key} is not a condition key of {', '.join(sorted(services))}"
    principals = statement.get("Principal")
    for principal in several(principals.get("AWS") if isinstance(principals, dict) else None):
        if ":role/" in principal and principal.split(":", 5)[5] not in roles:
            yield f"{principal} is not a role of this plan"


def allows_everybody(statement):
    """Whether a statement allows every principal without a condition."""
    if statement["Effect"] != "Allow" or statement.get("Condition"):
        return False
    principal = statement.get("Principal")
    named = several(principal.get("AWS")) if isinstance(principal, dict) else several(principal)
    return "*" in named or "NotPrincipal" in statement


def resource_problems(patterns, actions, resources):
    for resource in resources:
        if not any(covers(action, resource) for action in actions):
            yield f"{patterns} does not apply to {resource}"
    for pattern in patterns:
        if not any(covers(action, resource) for action in expanded(pattern) for resource in resources):
            yield f"{pattern} applies to none of {resources}"


def several(value):
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


@cache
def expanded(pattern):
    service = pattern.split(":")[0].lower()
    known = get_actions_for_service(service)
    return [action for action in known if fnmatch.fnmatchcase(action.lower(), pattern.lower())]


@cache
def covers(action, resource):
    """Whether an action applies to a resource, by the documented ARN formats of the service."""
    service, name = action.split(":")
    forms = {row["resource_arn_format"] for row in get_action_data(service, name)[service]} - {"*"}
    return not forms or any(re.fullmatch(expression(form), resource) for form in forms)


def expression(form):
    """An ARN format as a regular expression. A bucket name has no slash; other parts match anything."""
    parts = re.split(r"(\$\{\w+\})", form)
    names = {"${BucketName}": "[^/]+", "": ""}
    return "".join(names.get(part, ".*" if part.startswith("${") else re.escape(part)) for part in parts)


def known_condition(key, services):
    if key.startswith("aws:") or any(fnmatch.fnmatchcase(key, each) for each in MORE_CONDITIONS):
        return True
    known = {re.sub(r"\$\{.*\}", "", each).lower() for service in services for each in conditions_of(service)}
    return key.lower() in known


@cache
def conditions_of(service):
    return get_condition_keys_for_service(service)
