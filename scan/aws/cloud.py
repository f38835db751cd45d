"""A simulated cloud in this process that receives the calls of Pulumi's provider and reports the ones it refuses."""

import re
from dataclasses import dataclass, field
from functools import cache, reduce

import boto3
from botocore.exceptions import ClientError, ParamValidationError

from models import converted, member_of, value_problems
from unanswered import UNANSWERED
from values import documented_problems

REFERENCE = re.compile(r"\$\{(\w+)\.([\w-]+)(?:\.(\w+))?\}")
# Replaces a value that the plan hides; long enough for a password.
HIDDEN = "hidden-from-the-plan-0"
# Arguments for the provider itself, which no call receives.
STEERING = ("force_destroy", "apply_immediately", "blue_green_update", "delete_automated_backups")


@cache
def client_of(service, region):
    """The client of a service. It is cached, because loading the models takes longer than all calls."""
    return boto3.client(service, region_name=region)


class Refused(Exception):
    """A call or a value that AWS would refuse."""


@dataclass
class Call:
    """A call that was made, for further checks of its values."""

    operation: str
    parameters: dict
    region: str
    address: str


@dataclass
class Cloud:
    """The resources created so far, by Terraform address, with the attributes that other resources refer to."""

    made: dict = field(default_factory=dict)
    calls: list = field(default_factory=list)
    unanswered: dict = field(default_factory=dict)
    given: dict = field(default_factory=dict)

    def resolve(self, value, region):
        """Replaces references in a value with the answers of earlier calls, and ids of the existing network."""
        if isinstance(value, dict):
            return {key: self.resolve(each, region) for key, each in value.items()}
        if isinstance(value, list):
            return [self.resolve(each, region) for each in value]
        if not isinstance(value, str):
            return value
        text = REFERENCE.sub(self._attribute, value)
        return self.given.get((region, text), text)

    def _attribute(self, match):
        kind, name, attribute = match.groups()
        if kind == "var":
            return HIDDEN
        attributes = self.made.get(f"{kind}.{name}")
        if attributes is None:
            raise Refused(f"{match.group(0)} is used before it is created")
        if attribute not in attributes:
            raise Refused(f"no call returned the attribute {match.group(0)}")
        return attributes[attribute]


class Resource:
    """A resource to be created. A call must use each of its values."""

    def __init__(self, cloud, document):
        self.cloud = cloud
        self.region = document["region"]
        self.type = document["type"]
        self.name = document["name"]
        self.address = f"{self.type}.{self.name}"
        self.values = cloud.resolve(document["values"], self.region)
        self.drop(*STEERING)

    def take(self, name, default=None):
        return self.values.pop(name, default)

    def drop(self, *names):
        for name in names:
            self.values.pop(name, None)

    def physical_name(self, argument="name"):
        """The name as the provider creates it: a prefix is followed by 26 digits."""
        prefix = self.take(f"{argument}_prefix")
        return self.take(argument) or f"{prefix or 'terraform-'}{len(self.cloud.made):026}"

    def is_known_by(self, **attributes):
        self.cloud.made[self.address] = attributes

    def taken(self, shape, names):
        """Takes the arguments for which a call, or a block of it, has a member."""
        members = {argument: member_of(shape, argument, names) for argument in self.values}
        return {
            member: converted(shape.members[member], self.take(argument), names)
            for argument, member in members.items()
            if member
        }

    def send(self, service, operation, names=None, inside=(), **own):
        """
        Makes a call with every argument that it accepts. @param names API names that differ, by Terraform name;
        @param inside the path to a block that accepts the remaining arguments
        """
        shape = self.model(service, operation).input_shape
        given = {**self.taken(shape, names or {}), **own}
        if inside:
            block = given
            for name in inside:
                shape, block = shape.members[name], block.setdefault(name, {})
            block.update(self.taken(shape, names or {}))
        return self.call(service, operation, **given)

    def call(self, service, operation, **parameters):
        """Makes a call. @raise Refused if the service's model or the simulated cloud refuses it"""
        given = {name: value for name, value in parameters.items() if value not in (None, [], {})}
        problems = [
            *value_problems(self.model(service, operation).input_shape, given),
            *documented_problems(f"{service} {operation}", given),
        ]
        if problems:
            raise Refused(f"{service} {operation}: {'; '.join(problems)}")
        self.cloud.calls.append(Call(f"{service} {operation}", given, self.region, self.address))
        if (service, operation) in UNANSWERED:
            self.try_unanswered(service, operation, given)
            return {}
        return answered(client_of(service, self.region), operation, given)

    def try_unanswered(self, service, operation, parameters):
        """Records whether moto accepts the call despite the list."""
        self.cloud.unanswered.setdefault((service, operation), False)
        try:
            answered(client_of(service, self.region), operation, parameters)
        except Refused:
            return
        self.cloud.unanswered[(service, operation)] = True

    def model(self, service, operation):
        return client_of(service, self.region).meta.service_model.operation_model(operation)


def answered(client, operation, parameters):
    method = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", operation).lower()
    service = client.meta.service_model.service_name
    try:
        return getattr(client, method)(**parameters)
    except ParamValidationError as error:
        raise Refused(f"{service} {operation}: {error}") from error
    except ClientError as error:
        raise Refused(f"{service} {operation}: {error.response['Error']['Message']}") from error
    except Exception as error:
        # An error in moto itself.
        raise Refused(f"{service} {operation}: moto fails with {error!r}") from error


def one(service, operation, names=None, inside=(), named=None, known=None, defaults=None, **own):
    """
    A resource that a single call creates. @param named the member for the resource's name; @param known attributes that
    other resources refer to, by path in the answer; other parameters as in Resource.send
    """

    def make(resource):
        given, attributes = dict(own), {}
        for argument, value in (defaults or {}).items():
            resource.values.setdefault(argument, value)
        if named:
            given[named] = resource.physical_name()
            attributes = {"id": given[named], "name": given[named]}
        answer = resource.send(service, operation, names, inside, **given)
        for attribute, path in (known or {}).items():
            attributes[attribute] = reduce(lambda value, key: value[key], path.split("."), answer)
        if attributes:
            resource.is_known_by(**attributes)

    return make
