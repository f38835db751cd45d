"""A cloud in this process that takes the calls which Pulumi's provider would make, and says what it refuses."""

import re
from dataclasses import dataclass, field
from functools import cache, reduce

import boto3
from botocore.exceptions import ClientError, ParamValidationError

from models import converted, member_of, value_problems
from unanswered import UNANSWERED
from values import documented_problems

REFERENCE = re.compile(r"\$\{(\w+)\.([\w-]+)(?:\.(\w+))?\}")
# What a value is whose text the plan does not show; long enough for a password.
HIDDEN = "hidden-from-the-plan-0"
# Arguments that steer the provider and reach no call.
STEERING = ("force_destroy", "apply_immediately", "blue_green_update", "delete_automated_backups")


@cache
def client_of(service, region):
    """It is made once: reading the models takes longer than all the calls."""
    return boto3.client(service, region_name=region)


class Refused(Exception):
    """A call, or a value, that AWS would not take."""


@dataclass
class Call:
    """One that was made, for whoever checks its values further."""

    operation: str
    parameters: dict
    region: str
    address: str


@dataclass
class Cloud:
    """The resources that calls have made so far, by Terraform's address, with the attributes that others refer to."""

    made: dict = field(default_factory=dict)
    calls: list = field(default_factory=list)
    unanswered: dict = field(default_factory=dict)
    given: dict = field(default_factory=dict)

    def resolve(self, value, region):
        """A value with its references replaced by what the calls have answered, and with the network that was given."""
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
            raise Refused(f"{match.group(0)} is used before it is made")
        if attribute not in attributes:
            raise Refused(f"{match.group(0)} is no attribute that a call has answered")
        return attributes[attribute]


class Resource:
    """One resource on its way into the cloud. Each of its values has to be taken by a call."""

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
        """As the provider makes it: a prefix is completed by 26 digits."""
        prefix = self.take(f"{argument}_prefix")
        return self.take(argument) or f"{prefix or 'terraform-'}{len(self.cloud.made):026}"

    def is_known_by(self, **attributes):
        self.cloud.made[self.address] = attributes

    def taken(self, shape, names):
        """Takes the arguments that a call, or a block of it, has a member for."""
        members = {argument: member_of(shape, argument, names) for argument in self.values}
        return {
            member: converted(shape.members[member], self.take(argument), names)
            for argument, member in members.items()
            if member
        }

    def send(self, service, operation, names=None, inside=(), **own):
        """
        Makes a call with every argument that it takes. @param names those that it names otherwise, by Terraform's;
        @param inside the path to a block that takes what the call itself does not
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
        """@raise Refused where the service's model, or the cloud, does not take the call"""
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
        """Notes whether moto takes the call after all."""
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
        # Whatever moto itself stumbles over: its own message says what.
        raise Refused(f"{service} {operation}: moto fails with {error!r}") from error


def one(service, operation, names=None, inside=(), named=None, known=None, defaults=None, **own):
    """
    A resource that one call makes. @param named the member that takes the resource's name; @param known attributes that
    others refer to, by their path in the answer; the others as in Resource.send
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
