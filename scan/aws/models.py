"""Checks of values against AWS's models of its calls, beyond those of botocore: enums, patterns and lengths."""

import re
import warnings

from botocore.validate import ParamValidator


def value_problems(shape, parameters):
    """Sentences about unknown, missing, mistyped and impossible values."""
    report = ParamValidator().validate(parameters, shape)
    if report.has_errors():
        return report.generate_report().split("\n")
    return list(deep_problems(shape, parameters, ""))


def deep_problems(shape, value, where):
    if shape.type_name == "structure":
        for name, each in value.items():
            yield from deep_problems(shape.members[name], each, f"{where}.{name}".lstrip("."))
    elif shape.type_name == "list":
        yield from length_problems(shape, len(value), where)
        for each in value:
            yield from deep_problems(shape.member, each, f"{where}[]")
    elif shape.type_name == "map":
        for key, each in value.items():
            yield from deep_problems(shape.key, key, f"{where} key")
            yield from deep_problems(shape.value, each, f"{where}.{key}")
    elif shape.type_name == "string":
        yield from text_problems(shape, value, where)
    elif shape.type_name in ("integer", "long", "float", "double"):
        yield from length_problems(shape, value, where)


def member_of(shape, argument, names):
    """The member for an argument: by a listed name, in another case, or as a plural; None if there is no such member."""
    members = {member.lower(): member for member in shape.members}
    for name in (names.get(argument), argument, f"{argument}s"):
        if name and name.replace("_", "").lower() in members:
            return members[name.replace("_", "").lower()]
    return None


def converted(shape, value, names):
    """An argument with the member names of the call's model. @raise ValueError for a part that the model lacks"""
    if shape.type_name == "list" and isinstance(value, dict):
        members = list(shape.member.members)
        # Terraform writes pairs of name and value as a map, and a single block without a list.
        if len(members) == 2:
            return [dict(zip(members, pair)) for pair in value.items()]
        value = [value]
    if shape.type_name == "list" and isinstance(value, list):
        return [converted(shape.member, each, names) for each in value]
    if shape.type_name != "structure" or not isinstance(value, dict):
        return value
    unknown = [argument for argument in value if member_of(shape, argument, names) is None]
    if unknown:
        raise ValueError(f"{shape.name} has no {', '.join(unknown)}")
    return {
        member: converted(shape.members[member], each, names)
        for member, each in ((member_of(shape, argument, names), each) for argument, each in value.items())
    }


def text_problems(shape, text, where):
    words = shape.metadata.get("enum")
    if words and text not in words:
        yield f"{where} is {text!r}; allowed: {', '.join(words)}"
    yield from length_problems(shape, len(text), where)
    pattern = shape.metadata.get("pattern")
    if pattern and not matches(pattern, text):
        yield f"{where} is {text!r}; it must match {pattern}"


def length_problems(shape, size, where):
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield f"{where} is or has length {size}; the minimum is {least}"
    if most is not None and size > most:
        yield f"{where} is or has length {size}; the maximum is {most}"


def matches(pattern, text):
    """Whether a text matches a Java pattern. Patterns that Python cannot read count as matching."""
    java = pattern
    for theirs, ours in (("\\p{L}", r"\w"), ("\\p{Z}", r"\s"), ("\\p{N}", r"\d")):
        java = java.replace(theirs, ours)
    try:
        with warnings.catch_warnings(action="ignore"):
            return re.search(f"^(?:{java})$", text, re.DOTALL) is not None
    except re.error:
        return True
